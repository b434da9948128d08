import MidiFile
import Music

/// Something to be played, and when.
struct Cue: Hashable, Sendable {
  /// In frames; between them too.
  var position: Double
  /// The same place in the stream's time.
  var time: Microseconds
  var part: Part
  var event: MidiEvent
}

/// Who plays.
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
    // Where General MIDI has its percussion.
    case .metronome: .drums
    }
  }
}
