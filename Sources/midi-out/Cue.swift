import MidiFile
import Music

/// An event to be played at a time: a note, a controller, a tempo, a chord symbol.
struct Cue: Hashable, Sendable {
  /// The event's place in the music, in frames; it may lie between two frames.
  var position: Double
  /// When the event is played, in the stream's time.
  var time: Microseconds
  var part: Part
  var event: MidiEvent
}

/// A part of the music: a track of a MIDI file, and its channel.
enum Part: Int, CaseIterable, Hashable, Sendable {
  /// Tempo, meter and chord symbols, which make no sound.
  case conductor
  case melody
  case chords
  case bass
  case metronome

  var name: String {
    switch self {
    case .conductor: "Jam"
    case .melody: "Melody"
    case .chords: "Chords"
    case .bass: "Bass"
    case .metronome: "Metronome"
    }
  }

  var channel: Channel {
    switch self {
    case .conductor, .melody: Channel(1)!
    case .chords: Channel(2)!
    case .bass: Channel(3)!
    // The channel of General MIDI's percussion.
    case .metronome: .drums
    }
  }
}
