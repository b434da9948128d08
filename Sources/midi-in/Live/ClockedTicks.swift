import Music
import Records
import Sequencer
import Timeline

/// Begins frames as a MIDI clock tells: one with every 24th part of a beat that begins a frame.
///
/// When a pulse is meant is estimated from when it and those before came: an alpha-beta filter (a steady
/// state of Kalman's filter for a place and a speed), so that a cable's jitter is not the music's.
struct ClockedTicks: Sendable {
  private static let pulsesPerBeat = 24
  /// How much of what a pulse comes early or late moves the estimate of its time, and of the time
  /// between pulses: critically damped. A tempo that rises by a beat a minute each beat is followed
  /// within .1 ms.
  private static let placeGain = 0.25
  private static let periodGain = placeGain * placeGain / (2 - placeGain)
  /// Tempi are announced when they differ by more from what was announced.
  private static let leastChange = 0.002

  private let pulsesPerFrame: Double
  private let framesPerBeat: Int
  private let barLength: Int
  private var nextFrame = Frame(0)
  /// Whether frames begin.
  private(set) var isRunning: Bool
  /// Pulses since the frame that began last; nil before the first.
  private var pulses: Double?
  /// In microseconds.
  private var place: Double?
  private var period: Double
  private var lastPulse: Microseconds?
  /// Pulses that the estimate is made of.
  private var estimated = 0.0
  private var announced: Double
  /// A frame begins then, with a pulse that came early.
  private(set) var nextDeadline: Microseconds?

  /// - Parameter startsAtOnce: whether the first pulse begins frame 0, as if the clock had started with it.
  init(_ header: Header, startsAtOnce: Bool) {
    framesPerBeat = header.framesPerBeat
    pulsesPerFrame = Double(Self.pulsesPerBeat) / Double(header.framesPerBeat)
    barLength = Timeline(header: header).barPosition(of: Frame(0)).length
    isRunning = startsAtOnce
    announced = header.tempo
    period = 60_000_000 / header.tempo / Double(Self.pulsesPerBeat)
  }

  /// The next tick, if it is due at a time.
  mutating func next(dueAt time: Microseconds) -> Record? {
    guard let due = nextDeadline, due <= time else { return nil }
    nextDeadline = nil
    let tick = Record(time: due, event: .tick(nextFrame))
    nextFrame = nextFrame + 1
    return tick
  }

  /// Takes up what the clock says, and adds what follows from it at once. Ticks are to be asked for
  /// afterwards.
  mutating func receive(
    _ message: ClockMessage, at time: Microseconds, into records: inout RecordBatch
  ) {
    switch message {
    case .pulse: pulse(at: time, &records)
    case .start: run(from: 0, at: time, &records)
    case .continue: run(from: nil, at: time, &records)
    case .songPosition(let sixteenths):
      // Told while the clock stands still; it goes on from there.
      guard !isRunning else { return }
      nextFrame = frame(at: sixteenths * framesPerBeat / 4)
    case .stop:
      guard isRunning else { return }
      isRunning = false
      nextDeadline = nil
      records.add(.set(name: "playing", value: .flag(false)), at: time)
    }
  }

  private mutating func run(from place: Int?, at time: Microseconds, _ records: inout RecordBatch) {
    if let place { nextFrame = frame(at: place) }
    isRunning = true
    pulses = nil
    records.add(.set(name: "playing", value: .flag(true)), at: time)
  }

  /// A frame at that place in its bar, at or after the next one: frames never go back.
  private func frame(at place: Int) -> Frame {
    let wanted = place % barLength
    let here = (nextFrame.rawValue % barLength + barLength) % barLength
    return nextFrame + (wanted - here + barLength) % barLength
  }

  private mutating func pulse(at time: Microseconds, _ records: inout RecordBatch) {
    estimate(time)
    guard isRunning else { return }
    let count = pulses.map { $0 + 1 } ?? pulsesPerFrame
    // With frames that are no whole number of pulses, the pulse after begins one.
    guard count > pulsesPerFrame - 0.5 else {
      pulses = count
      return
    }
    // A frame whose tick waits still begins at the latest with the next.
    if nextDeadline != nil, let tick = next(dueAt: nextDeadline!) { records.add(tick) }
    pulses = pulses == nil ? 0 : count - pulsesPerFrame
    let due = Microseconds(Int64((place ?? Double(time.rawValue)).rounded()))
    announceTempo(at: time, &records)
    nextDeadline = due
  }

  private mutating func announceTempo(at time: Microseconds, _ records: inout RecordBatch) {
    let tempo = 60_000_000 / period / Double(Self.pulsesPerBeat)
    let rounded = ((tempo * 100).rounded() / 100).clamped(to: Limits.tempo)
    guard abs(rounded / announced - 1) > Self.leastChange else { return }
    announced = rounded
    records.add(.tempo(frame: nextFrame, beatsPerMinute: rounded), at: time)
  }

  private mutating func estimate(_ time: Microseconds) {
    let now = Double(time.rawValue)
    defer { lastPulse = time }
    guard let place, let lastPulse else {
      self.place = now
      estimated = 1
      return
    }
    let error = now - (place + period)
    if abs(error) < period / 2 {
      estimated += 1
      // The first few are all that is known: the straight line that fits them best.
      let fit = estimated * (estimated + 1)
      self.place = place + period + max(Self.placeGain, (4 * estimated - 2) / fit) * error
      period += max(Self.periodGain, 6 / fit) * error
    } else {
      // Another tempo altogether, or a pause: nothing to be smoothed.
      let passed = now - Double(lastPulse.rawValue)
      let longest = 60_000_000 / Limits.tempo.lowerBound / Double(Self.pulsesPerBeat)
      if passed < min(longest, 4 * period) { period = max(passed, 250) }
      self.place = now
      estimated = 1
    }
  }
}
