import Music

/// Where the stream's time lies on CLOCK_MONOTONIC.
///
/// A stream of this machine says so itself. One from elsewhere, or a recording, begins when its first
/// record comes. From then on, what comes over a network tells how the two clocks go: it is under way for
/// some time, never less than the shortest way takes, so the records that came earliest for their times
/// count, and the clock is brought slowly to where they say.
public struct StreamClock: Sendable {
  /// A header's epoch that no record comes nearer to than this is that of another machine, or of a
  /// recording.
  private static let plausibleDelay = Microseconds(250_000)
  /// No clock of this machine is behind itself by more.
  private static let mostBehindItself = Microseconds(5_000)
  /// A record that comes earlier than that for its time was not sent when it happened.
  private static let mostAhead = Microseconds(250_000)
  /// The music is not brought by more than this by going faster: it leaps.
  private static let leap = Microseconds(50_000)
  /// Nor by more than this by going slower.
  private static let leapBack = Microseconds(1_000_000)
  /// So many that are as far astray, one after the other, but for so much, were sent as they happened.
  private static let steadyArrivals = 8
  private static let steadyWithin = Microseconds(100_000)
  /// Where the stream's clock goes.
  private enum Origin {
    case unknown
    /// The header says where time 0 is.
    case thisMachine
    case elsewhere
  }

  /// Arrivals that are compared: some seconds of ticks.
  private static let window = 64
  /// How fast the clock is moved, in parts of the time that passes: where music is late, and where it is
  /// early.
  private static let catchUp = 0.02
  private static let fallBack = 0.002

  private let epoch: Microseconds?
  /// Nil before the first record.
  public private(set) var zero: Microseconds?
  private var origin = Origin.unknown
  /// Times of arrival less those of the stream, the latest last.
  private var arrivals: [Microseconds] = []
  /// The latest arrivals, as long as they are far enough astray for a leap.
  private var astray: [Microseconds] = []
  private var lastMove: Microseconds?

  /// - Parameter epoch: what the stream's header says, if it does.
  public init(epoch: Microseconds?) {
    self.epoch = epoch
  }

  /// When a time of the stream comes. The first that is asked for, at `now`, sets the clock if the
  /// header does not.
  public mutating func clockTime(of time: Microseconds, now: Microseconds) -> Microseconds {
    if let zero { return zero + time }
    let arrival = now - time
    let said = headerZero(bornOutBy: arrival)
    if said != nil { origin = .thisMachine }
    let zero = said ?? arrival
    self.zero = zero
    return zero + time
  }

  /// Where the header says that time 0 is, if a record's arrival bears it out. The first ones may not: an
  /// agent that loads its model keeps them waiting.
  private func headerZero(bornOutBy arrival: Microseconds) -> Microseconds? {
    guard let epoch, (.zero - Self.mostBehindItself...Self.plausibleDelay).contains(arrival - epoch)
    else { return nil }
    return epoch
  }

  /// Which time of the stream it is; nil before the clock is set.
  public func streamTime(at now: Microseconds) -> Microseconds? {
    zero.map { now - $0 }
  }

  /// A record was waited for, and came at `now`.
  public mutating func arrived(_ time: Microseconds, now: Microseconds) {
    guard let begun = self.zero else { return }
    let arrival = now - time
    switch origin {
    case .thisMachine:
      if arrival < begun - Self.mostBehindItself { origin = .elsewhere }
      return
    case .unknown:
      if let said = headerZero(bornOutBy: arrival) {
        zero = said
        origin = .thisMachine
        return
      }
    case .elsewhere: break
    }
    leap(to: arrival)
    guard let zero, arrival > zero - Self.mostAhead else { return }
    if arrivals.count == Self.window {
      arrivals.removeFirst()
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

  /// Where the first records came late, those after them come steadily too early; after a stream stood
  /// still, they come steadily too late.
  private mutating func leap(to arrival: Microseconds) {
    guard let zero, arrival < zero - Self.leap || arrival > zero + Self.leapBack else {
      astray = []
      return
    }
    astray = astray.suffix(Self.steadyArrivals - 1) + [arrival]
    guard astray.count == Self.steadyArrivals, let earliest = astray.min(),
      let latest = astray.max(), latest - earliest <= Self.steadyWithin
    else { return }
    self.zero = earliest
    arrivals = []
  }
}
