import Music
import Records
import Sequencer
import Timeline

/// Begins frames with the pulses of a MIDI clock, 24 to a beat.
///
/// An alpha-beta filter (the steady state of a Kalman filter of time and period) smooths the times
/// of the pulses, so that jitter on the cable does not reach the music.
struct ClockedTicks: Sendable {
  private static let pulsesPerBeat = 24
  /// The filter's gains, critically damped: how much of a pulse's deviation corrects the estimated
  /// time, and how much the period. It follows a tempo that rises by 1 beat/min every beat within
  /// 0.1 ms.
  private static let placeGain = 0.25
  private static let periodGain = placeGain * placeGain / (2 - placeGain)
  /// A tempo is announced if it differs from the last announced one by more than this ratio.
  private static let leastChange = 0.002

  private let pulsesPerFrame: Double
  private let framesPerBeat: Int
  private let barLength: Int
  private var nextFrame = Frame(0)
  /// Whether the clock runs, so that frames begin.
  private(set) var isRunning: Bool
  /// Pulses since the last frame began; nil before the first frame.
  private var pulses: Double?
  /// The estimated time of the last pulse, in microseconds; nil before the first.
  private var place: Double?
  /// The estimated time between two pulses, in microseconds.
  private var period: Double
  private var lastPulse: Microseconds?
  /// The number of pulses since the estimate began.
  private var estimated = 0.0
  /// The tempo that was announced last, in beats a minute.
  private var announced: Double
  /// When the next frame begins, if its pulse has come; later than that if the pulse came early.
  private(set) var nextDeadline: Microseconds?

  /// - Parameter startsAtOnce: whether the first pulse begins frame 0 without a start message.
  init(_ header: Header, startsAtOnce: Bool) {
    framesPerBeat = header.framesPerBeat
    pulsesPerFrame = Double(Self.pulsesPerBeat) / Double(header.framesPerBeat)
    barLength = Timeline(header: header).barPosition(of: Frame(0)).length
    isRunning = startsAtOnce
    announced = header.tempo
    period = 60_000_000 / header.tempo / Double(Self.pulsesPerBeat)
  }

  /// Returns the next tick if it is due at a time.
  mutating func next(dueAt time: Microseconds) -> Record? {
    guard let due = nextDeadline, due <= time else { return nil }
    nextDeadline = nil
    let tick = Record(time: due, event: .tick(nextFrame))
    nextFrame = nextFrame + 1
    return tick
  }

  /// Handles a clock message and adds the records that follow from it, except the tick: the caller
  /// asks for that with `next(dueAt:)` afterwards.
  mutating func receive(
    _ message: ClockMessage, at time: Microseconds, into records: inout RecordBatch
  ) {
    switch message {
    case .pulse: pulse(at: time, &records)
    case .start: run(from: 0, at: time, &records)
    case .continue: run(from: nil, at: time, &records)
    case .songPosition(let sixteenths):
      // Sent while the clock is stopped: it continues from there.
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

  /// The next frame at a place in its bar. Frames never go back.
  private func frame(at place: Int) -> Frame {
    let wanted = place % barLength
    let here = (nextFrame.rawValue % barLength + barLength) % barLength
    return nextFrame + (wanted - here + barLength) % barLength
  }

  private mutating func pulse(at time: Microseconds, _ records: inout RecordBatch) {
    estimate(time)
    guard isRunning else { return }
    let count = pulses.map { $0 + 1 } ?? pulsesPerFrame
    // A frame that begins between two pulses begins with the nearest.
    guard count > pulsesPerFrame - 0.5 else {
      pulses = count
      return
    }
    // The tick of the frame before may still wait.
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
      // At first the gains are larger: those of the least-squares line through all pulses.
      let fit = estimated * (estimated + 1)
      self.place = place + period + max(Self.placeGain, (4 * estimated - 2) / fit) * error
      period += max(Self.periodGain, 6 / fit) * error
    } else {
      // The tempo jumped, or there was a pause: the estimate begins anew.
      let passed = now - Double(lastPulse.rawValue)
      let longest = 60_000_000 / Limits.tempo.lowerBound / Double(Self.pulsesPerBeat)
      if passed < min(longest, 4 * period) { period = max(passed, 250) }
      self.place = now
      estimated = 1
    }
  }
}
