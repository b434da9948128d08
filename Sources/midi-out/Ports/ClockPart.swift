import Music
import Sequencer
import Timeline

/// A MIDI clock for the music: 24 pulses a beat, from its first downbeat on.
struct ClockPart: Sendable {
  private static let pulsesPerBeat = 24

  /// A message, and its time in the stream.
  struct Pulse: Hashable, Sendable {
    var time: Microseconds
    var message: ClockMessage
  }

  /// Pulses were sent up to this one, not included, counted from frame 0; nil before the first.
  private var next: Int?
  private(set) var isRunning = false

  /// What is to be sent once a frame has begun: the pulses up to the end of the next frame.
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
        // What devices can count to, in 16th notes.
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

  /// The music pauses or ends.
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
