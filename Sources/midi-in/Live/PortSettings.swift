import ArgumentParser
import Music

/// How what is played on ports is taken.
struct PortSettings: Hashable, Sendable {
  /// What tells the tempo.
  enum Tap: Hashable, Sendable, ExpressibleByArgument {
    /// The first notes.
    case notes
    case controller(UInt8)

    init?(argument: String) {
      if argument == "notes" {
        self = .notes
      } else if let controller = ControllerMapping.controller(argument) {
        self = .controller(controller)
      } else {
        return nil
      }
    }
  }

  var start = Start.note
  /// In bars.
  var countIn = 0
  /// Nil for all.
  var channel: Channel?
  /// Whether a MIDI clock on the ports begins frames.
  var isSynchronised = false
  var tap: Tap?
  var mappings: [ControllerMapping] = []
}

/// What ticks follow.
enum Synchronisation: String, CaseIterable, ExpressibleByArgument {
  case midiClock = "midi-clock"
}
