import Music
import Records
import Timeline

/// Begins frames at a steady tempo.
struct SteadyTicks: Sendable {
  private var timeline: Timeline
  private var nextFrame: Frame
  /// When the next frame begins; nil until the ticks have begun.
  private(set) var nextDeadline: Microseconds?

  /// - Parameters:
  ///   - startsAtOnce: whether the first frame begins at time 0, without a call of `begin(at:)`.
  ///   - countIn: in bars; with one, the ticks begin at once.
  init(_ header: Header, startsAtOnce: Bool, countIn: Int) {
    timeline = Timeline(header: header)
    nextFrame = Frame(-countIn * timeline.barPosition(of: Frame(0)).length)
    if startsAtOnce || countIn > 0 { begin(at: .zero) }
  }

  var hasBegun: Bool { nextDeadline != nil }

  /// Begins the first frame at a time, if none has begun yet.
  mutating func begin(at time: Microseconds) {
    guard nextDeadline == nil else { return }
    anchor(at: time)
    nextDeadline = time
  }

  /// Returns the next tick if it is due at a time.
  mutating func next(dueAt time: Microseconds) -> Record? {
    guard let due = nextDeadline, due <= time else { return nil }
    let tick = Record(time: due, event: .tick(nextFrame))
    nextFrame = nextFrame + 1
    // Each time is computed from the first frame, so that rounding errors do not add up.
    nextDeadline = timeline.time(of: nextFrame)
    return tick
  }

  /// Changes the tempo from the next frame on, in beats (quarter notes) a minute. Returns the record that
  /// says so.
  mutating func change(tempo: Double, at time: Microseconds) -> Record {
    if let nextDeadline { anchor(at: nextDeadline) }
    timeline.announce(tempo: tempo, from: nextFrame)
    return Record(time: time, event: .tempo(frame: nextFrame, beatsPerMinute: tempo))
  }

  private mutating func anchor(at time: Microseconds) {
    timeline.receive(Record(time: time, event: .tick(nextFrame)))
  }
}
