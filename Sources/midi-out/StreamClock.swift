import RealTime
import Records

/// Where the stream's time lies on CLOCK_MONOTONIC.
struct StreamClock: Sendable {
  /// A header's epoch that is farther off than this is that of another machine, or of a recording.
  private static let plausibleDelay = Microseconds(1_000_000)

  private let epoch: Microseconds?
  private var zero: Microseconds?

  init(header: Header) {
    epoch = header.epoch
  }

  /// When a time of the stream comes. The first that is asked for, at `now`, sets the clock if the
  /// header does not.
  mutating func clockTime(of time: Microseconds, now: Microseconds) -> Microseconds {
    if let zero { return zero + time }
    let arrival = now - time
    var zero = arrival
    if let epoch, (arrival - epoch).isWithin(Self.plausibleDelay) { zero = epoch }
    self.zero = zero
    return zero + time
  }

  /// Which time of the stream it is; nil before the clock is set.
  func streamTime(at now: Microseconds) -> Microseconds? {
    zero.map { now - $0 }
  }
}

extension Microseconds {
  fileprivate func isWithin(_ limit: Microseconds) -> Bool {
    abs(rawValue) <= limit.rawValue
  }
}
