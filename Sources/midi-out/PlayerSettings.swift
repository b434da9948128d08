import MidiFile
import Music

/// How chords, bass, melody and metronome are played.
struct PlayerSettings: Hashable, Sendable {
  /// The sound of a part.
  struct Instrument: Hashable, Sendable {
    /// A program of General MIDI, 0 to 127.
    var program: UInt8
    /// 0 to 127.
    var volume: UInt8
  }

  /// When the notes of a chord that goes on begin again: never, on each beat, on each bar line.
  enum Pattern: String, CaseIterable, Sendable {
    case held, beats, bars
  }

  /// Where the metronome clicks.
  enum Clicks: String, CaseIterable, Sendable {
    case always
    /// Only before frame 0.
    case countIn = "count-in"
  }

  var chords = Instrument(program: 4, volume: 90)
  var bass = Instrument(program: 32, volume: 100)
  /// Nil: the person's notes are not played.
  var melody: Instrument?
  /// Nil: no metronome.
  var metronome: Clicks?
  var metronomeChannel = Part.metronome.channel
  /// The velocity of chords and bass.
  var velocity = Velocity(72)!
  /// The range of the chords' upper voices; at least an octave.
  var register = Pitch(52)!...Pitch(74)!
  /// The range of the bass; at least an octave.
  var bassRegister = Pitch(31)!...Pitch(47)!
  var pattern = Pattern.held
  /// In real time, a note that would begin later than this after its time is dropped.
  var lateLimit = Microseconds(100_000)

  /// Whether the metronome clicks in a frame.
  func clicks(in frame: Frame) -> Bool {
    switch metronome {
    case .always?: true
    case .countIn?: frame < Frame(0)
    case nil: false
    }
  }

  /// The sound of a part; nil for a part that has none of its own or does not play.
  func instrument(of part: Part) -> Instrument? {
    switch part {
    case .conductor, .metronome: nil
    case .melody: melody
    case .chords: chords
    case .bass: bass
    }
  }
}
