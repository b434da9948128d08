import Music

/// Finds out where the stream's time lies on CLOCK_MONOTONIC.
///
/// The header of a stream from this machine says so. A stream from another machine, or a recording,
/// begins when its first record comes.
///
/// From then on, arrivals show how the other machine's clock goes. A record's transport over a
/// network takes some time, and never less than the shortest way does. So the records that came
/// earliest for their times count, and the clock is moved slowly towards them.
public struct StreamClock: Sendable {
  /// If records come later than this after the header's epoch, the epoch is another machine's or an
  /// old one.
  private static let plausibleDelay = Microseconds(250_000)
  /// A record of this machine never comes earlier than this before its time.
  private static let localEarlyTolerance = Microseconds(5_000)
  /// A record that comes earlier than this before its time was not sent when it happened.
  private static let mostAhead = Microseconds(250_000)
  /// If the music is early by more than this, the clock leaps instead of going faster.
  private static let leap = Microseconds(50_000)
  /// If the music is late by more than this, the clock leaps instead of going slower.
  private static let leapBack = Microseconds(1_000_000)
  /// The clock leaps after this many arrivals in a row that are far off and agree within
  /// `steadyWithin`.
  private static let steadyArrivals = 8
  private static let steadyWithin = Microseconds(100_000)

  /// Where the stream comes from.
  private enum Origin {
    case unknown
    /// The header says where time 0 is.
    case thisMachine
    /// Another machine or a recording. This is final. It is set when `window` arrivals without a
    /// leap did not confirm the header's epoch, or when one comes too early for this machine.
    case elsewhere
  }

  /// How many arrivals are compared: some seconds of ticks.
  private static let window = 64
  /// How fast the clock is moved to catch up with early arrivals, as a share of the time that
  /// passes.
  private static let catchUp = 0.02
  /// How fast the clock is moved back for late arrivals.
  private static let fallBack = 0.002

  private let epoch: Microseconds?
  /// CLOCK_MONOTONIC at the stream's time 0; nil before the first record.
  public private(set) var zero: Microseconds?
  private var origin = Origin.unknown
  /// The times of arrival minus the stream's times, the latest last.
  private var arrivals: [Microseconds] = []
  /// The latest arrivals in a row that are far enough off for a leap.
  private var outliers: [Microseconds] = []
  private var lastMove: Microseconds?

  /// - Parameter epoch: of the stream's header; nil if it has none.
  public init(epoch: Microseconds?) {
    self.epoch = epoch
  }

  /// The time of CLOCK_MONOTONIC at a time of the stream. The first call sets the clock if the
  /// header does not.
  public mutating func clockTime(of time: Microseconds, now: Microseconds) -> Microseconds {
    if let zero { return zero + time }
    let arrival = now - time
    let declared = headerZero(confirmedBy: arrival)
    if declared != nil { origin = .thisMachine }
    let zero = declared ?? arrival
    self.zero = zero
    return zero + time
  }

  /// Time 0 as the header says it, if the arrival of a record agrees. The first records may not
  /// agree, because an agent that loads its model delays them.
  private func headerZero(confirmedBy arrival: Microseconds) -> Microseconds? {
    let plausible = .zero - Self.localEarlyTolerance...Self.plausibleDelay
    guard let epoch, plausible.contains(arrival - epoch) else { return nil }
    return epoch
  }

  /// The time of the stream at a time of CLOCK_MONOTONIC; nil before the clock is set.
  public func streamTime(at now: Microseconds) -> Microseconds? {
    zero.map { now - $0 }
  }

  /// A record came at `now`, after a wait for it.
  public mutating func arrived(_ time: Microseconds, now: Microseconds) {
    guard let start = self.zero else { return }
    let arrival = now - time
    switch origin {
    case .thisMachine:
      if arrival < start - Self.localEarlyTolerance { origin = .elsewhere }
      return
    case .unknown:
      if let declared = headerZero(confirmedBy: arrival) {
        zero = declared
        origin = .thisMachine
        return
      }
    case .elsewhere: break
    }
    leap(to: arrival)
    guard let zero, arrival > zero - Self.mostAhead else { return }
    if arrivals.count == Self.window {
      arrivals.removeFirst()
      // A whole window without an arrival that confirms the header's epoch: the stream counts as
      // from elsewhere for good, and the epoch is not considered again.
      origin = .elsewhere
    }
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

  /// Leaps if arrivals are steadily far off. If the first records came late, the later ones come
  /// steadily too early. After a stream stood still, records come steadily too late.
  private mutating func leap(to arrival: Microseconds) {
    guard let zero, arrival < zero - Self.leap || arrival > zero + Self.leapBack else {
      outliers = []
      return
    }
    outliers = outliers.suffix(Self.steadyArrivals - 1) + [arrival]
    guard outliers.count == Self.steadyArrivals, let earliest = outliers.min(),
      let latest = outliers.max(), latest - earliest <= Self.steadyWithin
    else { return }
    self.zero = earliest
    arrivals = []
  }
}
