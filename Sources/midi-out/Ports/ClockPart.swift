import Music
import Sequencer
import Timeline

/// Makes the messages of a MIDI clock: 24 pulses a beat, from frame 0 on.
struct ClockPart: Sendable {
  private static let pulsesPerBeat = 24

  /// A clock message and its time in the stream.
  struct Pulse: Hashable, Sendable {
    var time: Microseconds
    var message: ClockMessage
  }

  /// The number of the next pulse, counted from frame 0; nil while the clock is stopped.
  private var next: Int?
  private(set) var isRunning = false

  /// Returns the messages to send when a frame begins: the pulses up to the end of the next frame.
  mutating func enter(_ frame: Frame, _ timeline: Timeline) -> [Pulse] {
    guard frame >= Frame(0) else { return [] }
    var pulses: [Pulse] = []
    let first = Self.firstPulse(of: frame, timeline)
    if !isRunning {
      isRunning = true
      let time = timeline.time(of: frame)
      if frame == Frame(0) {
        pulses.append(Pulse(time: time, message: .start))
      } else {
        let sixteenth = 4 * frame.rawValue / timeline.framesPerBeat
        // Song positions are in 16th notes and have 14 bits.
        pulses.append(Pulse(time: time, message: .songPosition(sixteenth % 16_384)))
        pulses.append(Pulse(time: time, message: .continue))
      }
      next = first
    }
    let end = Self.firstPulse(of: frame + 2, timeline)
    for pulse in max(next ?? first, first)..<max(end, next ?? first) {
      let position =
        Double(pulse * timeline.framesPerBeat) / Double(Self.pulsesPerBeat)
      pulses.append(Pulse(time: timeline.time(ofPosition: position), message: .pulse))
    }
    next = max(end, next ?? first)
    return pulses
  }

  /// Returns the messages to send when the music pauses or ends.
  mutating func stop(at time: Microseconds) -> [Pulse] {
    guard isRunning else { return [] }
    isRunning = false
    next = nil
    return [Pulse(time: time, message: .stop)]
  }

  private static func firstPulse(of frame: Frame, _ timeline: Timeline) -> Int {
    let product = frame.rawValue * pulsesPerBeat
    return (product + timeline.framesPerBeat - 1) / timeline.framesPerBeat
  }
}
