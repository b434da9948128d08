import RealTime
import Records

/// Where the stream's time lies on CLOCK_MONOTONIC.
///
/// A stream of this machine says so itself. One from elsewhere, or a recording, begins when its first
/// record comes. From then on, what comes over a network tells how the two clocks go: it is under way for
/// some time, never less than the shortest way takes, so the records that came earliest for their times
/// count, and the clock is brought slowly to where they say.
struct StreamClock: Sendable {
  /// A header's epoch that no record comes nearer to than this is that of another machine, or of a
  /// recording.
  private static let plausibleDelay = Microseconds(1_000_000)
  /// A record that comes earlier than that for its time was not sent when it happened, or the stream's
  /// first ones came late.
  private static let mostAhead = Microseconds(250_000)
  /// So many of those one after the other, as early as each other but for so much, are sent as they
  /// happen.
  private static let steadyArrivals = 8
  private static let steadyWithin = Microseconds(100_000)
  /// Arrivals that are compared: some seconds of ticks.
  private static let window = 64
  /// How fast the clock is moved, in parts of the time that passes: where music is late, and where it is
  /// early.
  private static let catchUp = 0.02
  private static let fallBack = 0.002

  private let epoch: Microseconds?
  /// Nil before the first record.
  private(set) var zero: Microseconds?
  /// Whether the header says where time 0 is.
  private var isOfThisMachine = false
  /// Times of arrival less those of the stream, the latest last.
  private var arrivals: [Microseconds] = []
  /// The latest arrivals that were too early to be of use.
  private var tooEarly: [Microseconds] = []
  private var lastMove: Microseconds?

  init(header: Header) {
    epoch = header.epoch
  }

  /// When a time of the stream comes. The first that is asked for, at `now`, sets the clock if the
  /// header does not.
  mutating func clockTime(of time: Microseconds, now: Microseconds) -> Microseconds {
    if let zero { return zero + time }
    let arrival = now - time
    let said = headerZero(bornOutBy: arrival)
    isOfThisMachine = said != nil
    let zero = said ?? arrival
    self.zero = zero
    return zero + time
  }

  /// Where the header says that time 0 is, if a record's arrival bears it out. The first ones may not: an
  /// agent that loads its model keeps them waiting.
  private func headerZero(bornOutBy arrival: Microseconds) -> Microseconds? {
    guard let epoch, (arrival - epoch).isWithin(Self.plausibleDelay) else { return nil }
    return epoch
  }

  /// Which time of the stream it is; nil before the clock is set.
  func streamTime(at now: Microseconds) -> Microseconds? {
    zero.map { now - $0 }
  }

  /// A record was waited for, and came at `now`.
  mutating func arrived(_ time: Microseconds, now: Microseconds) {
    guard !isOfThisMachine, self.zero != nil else { return }
    let arrival = now - time
    if let said = headerZero(bornOutBy: arrival) {
      zero = said
      isOfThisMachine = true
      return
    }
    catchUpAtOnce(arrival)
    guard let zero, arrival > zero - Self.mostAhead else { return }
    if arrivals.count == Self.window { arrivals.removeFirst() }
    arrivals.append(arrival)
    let passed = Double((now - (lastMove ?? now)).rawValue)
    lastMove = now
    let wanted = (arrivals.min() ?? zero) - zero
    let farthest =
      wanted < .zero ? -passed * Self.catchUp : passed * Self.fallBack
    let move =
      wanted < .zero
      ? max(Double(wanted.rawValue), farthest) : min(Double(wanted.rawValue), farthest)
    self.zero = zero + Microseconds(Int64(move.rounded()))
  }

  /// Where the first records came late, those after them come steadily too early.
  private mutating func catchUpAtOnce(_ arrival: Microseconds) {
    guard let zero, arrival <= zero - Self.mostAhead else {
      tooEarly = []
      return
    }
    tooEarly = tooEarly.suffix(Self.steadyArrivals - 1) + [arrival]
    guard tooEarly.count == Self.steadyArrivals, let earliest = tooEarly.min(),
      let latest = tooEarly.max(), (latest - earliest).isWithin(Self.steadyWithin)
    else { return }
    self.zero = earliest
    arrivals = []
  }
}

extension Microseconds {
  fileprivate func isWithin(_ limit: Microseconds) -> Bool {
    abs(rawValue) <= limit.rawValue
  }
}
