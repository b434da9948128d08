import MidiFile
import Music

/// How things are to be played.
struct PlayerSettings: Hashable, Sendable {
  /// A part's sound.
  struct Instrument: Hashable, Sendable {
    /// Of General MIDI, 0 to 127.
    var program: UInt8
    /// 0 to 127.
    var volume: UInt8
  }

  /// When a chord that goes on is struck again.
  enum Pattern: String, CaseIterable, Sendable {
    case held, beats, bars
  }

  /// Where the metronome clicks.
  enum Clicks: String, CaseIterable, Sendable {
    case always
    /// Before frame 0.
    case countIn = "count-in"
  }

  var chords = Instrument(program: 4, volume: 90)
  var bass = Instrument(program: 32, volume: 100)
  /// Nil: what the person plays is not played along.
  var melody: Instrument?
  /// Nil: no metronome.
  var metronome: Clicks?
  var metronomeChannel = Part.metronome.channel
  /// Of chords and bass.
  var velocity = Velocity(72)!
  /// Of the chords' upper voices; at least an octave.
  var register = Pitch(52)!...Pitch(74)!
  /// At least an octave.
  var bassRegister = Pitch(31)!...Pitch(47)!
  var pattern = Pattern.held
  /// A note that would begin later than this, where time is real, is dropped.
  var lateLimit = Microseconds(100_000)

  /// Whether the metronome clicks in a frame.
  func clicks(in frame: Frame) -> Bool {
    switch metronome {
    case .always?: true
    case .countIn?: frame < Frame(0)
    case nil: false
    }
  }

  /// The sound of a part; nil for one that has none of its own, or does not play.
  func instrument(of part: Part) -> Instrument? {
    switch part {
    case .conductor, .metronome: nil
    case .melody: melody
    case .chords: chords
    case .bass: bass
    }
  }
}
