import Glibc
import Music

/// A stream's time 0, on the clocks of the machine.
public struct Epoch: Hashable, Sendable {
  /// CLOCK_MONOTONIC at the stream's time 0.
  public let monotonic: Microseconds
  /// The time of day at the stream's time 0, in microseconds since 1970 (UTC).
  public let sinceUnixEpoch: Microseconds

  public init(monotonic: Microseconds, sinceUnixEpoch: Microseconds) {
    self.monotonic = monotonic
    self.sinceUnixEpoch = sinceUnixEpoch
  }

  /// The epoch of a stream whose time 0 is now.
  public static func now() -> Epoch {
    let monotonic = MonotonicClock.now
    var day = timespec()
    clock_gettime(CLOCK_REALTIME, &day)
    let microseconds = Int64(day.tv_sec) * 1_000_000 + Int64(day.tv_nsec) / 1000
    return Epoch(monotonic: monotonic, sinceUnixEpoch: Microseconds(microseconds))
  }

  /// The time of CLOCK_MONOTONIC at a time of the stream.
  public func clockTime(of streamTime: Microseconds) -> Microseconds { monotonic + streamTime }

  /// The time of the stream at a time of CLOCK_MONOTONIC.
  public func streamTime(at clockTime: Microseconds) -> Microseconds { clockTime - monotonic }

  /// The time of day at time 0, as RFC 3339 has it, in UTC: `2025-03-01T12:00:00.250000Z`
  public var wall: String {
    let microseconds = Int((sinceUnixEpoch.rawValue % 1_000_000 + 1_000_000) % 1_000_000)
    var seconds = time_t((sinceUnixEpoch.rawValue - Int64(microseconds)) / 1_000_000)
    var date = tm()
    gmtime_r(&seconds, &date)
    let day = [Int(date.tm_year) + 1900, Int(date.tm_mon) + 1, Int(date.tm_mday)]
    let time = [Int(date.tm_hour), Int(date.tm_min), Int(date.tm_sec)]
    return day.map { padded($0, 2) }.joined(separator: "-") + "T"
      + time.map { padded($0, 2) }.joined(separator: ":") + "." + padded(microseconds, 6) + "Z"
  }
}

private func padded(_ number: Int, _ digits: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
