import Testing

@testable import Sequencer

/// Ports, clocks, hot-plugging and signals, with a real sequencer.
@Suite(.enabled(if: LiveMachine.isHere), .serialized)
struct LiveTests {
  /// Whether no note begins after the last "all sound off".
  static func endsInSilence(_ heard: [Heard]) -> Bool {
    let lastNote = heard.lastIndex { heard in
      if case .message(.noteOn) = heard.event { true } else { false }
    }
    let silence = heard.lastIndex { heard in
      if case .message(.control(_, 120, 0)) = heard.event { true } else { false }
    }
    guard let lastNote else { return true }
    return silence.map { $0 > lastNote } ?? false
  }
}
