import ArgumentParser
import Music

/// How the events of ports become a stream.
struct PortSettings: Hashable, Sendable {
  /// Where the tempo is tapped.
  enum Tap: Hashable, Sendable, ExpressibleByArgument {
    /// On the first notes.
    case notes
    /// On a controller: a pedal or a pad.
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
  /// The length of the count-in, in bars.
  var countIn = 0
  /// The channel that is recorded; nil for all channels.
  var channel: Channel?
  /// Whether frames follow a MIDI clock on the ports.
  var isSynchronised = false
  var tap: Tap?
  var mappings: [ControllerMapping] = []
}

/// A clock that the ticks follow.
enum Synchronisation: String, CaseIterable, ExpressibleByArgument {
  case midiClock = "midi-clock"
}
