import Glibc
import Music

/// CLOCK_MONOTONIC: the clock of all live tools of a machine, which no one sets.
public enum MonotonicClock {
  public static var now: Microseconds {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Microseconds(Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
  }

  /// Lets the waits of this process end within microseconds of their deadlines, where the kernel
  /// otherwise takes 50 more to bundle the wake-ups of many programs. A kernel that does not offer
  /// it leaves things as they were.
  public static func sharpen() {
    let file = open("/proc/self/timerslack_ns", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, "1000", 4)
    close(file)
  }

  /// Waits until a time, or until one of the descriptors has something to say. Nil when the stop
  /// signal was raised or the reader of `output` went away: there is nothing to wait for any more.
  ///
  /// Real-time: no allocation, no locks.
  /// - Parameters:
  ///   - deadline: on this clock; nil to wait for the descriptors alone.
  ///   - stop: the stop signal's descriptor.
  ///   - input: ends the wait when it is readable, also at its end.
  ///   - output: ends the wait when it is a pipe that nobody reads any more.
  ///   - others: end the wait when they are readable, as the input does.
  public static func wait(
    until deadline: Microseconds?, stop: CInt? = nil, input: CInt? = nil, output: CInt? = nil,
    others: (CInt, CInt)? = nil
  ) -> Wakeup? {
    // ppoll(2) passes over negative descriptors.
    var watched: InlineArray<5, pollfd> = [
      pollfd(fd: stop ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: output ?? -1, events: 0, revents: 0),
      pollfd(fd: others?.0 ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: others?.1 ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      poll(&watched, until: deadline)
      if watched[0].revents != 0 || watched[2].revents & Int16(POLLERR) != 0 { return nil }
      let time = now
      let isDue = deadline.map { $0 <= time } ?? false
      let areOthersReadable = watched[3].revents != 0 || watched[4].revents != 0
      if isDue || watched[1].revents != 0 || areOthersReadable {
        return Wakeup(
          time: time, isReadable: watched[1].revents != 0, areOthersReadable: areOthersReadable)
      }
      // A signal that some handler took, or a wait that ended a little early.
    }
  }

  private static func poll(_ watched: inout InlineArray<5, pollfd>, until deadline: Microseconds?) {
    let left = deadline.map { max($0.rawValue - now.rawValue, 0) } ?? 0
    let timeout = timespec(tv_sec: Int(left / 1_000_000), tv_nsec: Int(left % 1_000_000) * 1000)
    var descriptors = watched.mutableSpan
    descriptors.withUnsafeMutableBufferPointer { buffer in
      _ = withUnsafePointer(to: timeout) { timeout in
        ppoll(buffer.baseAddress, nfds_t(buffer.count), deadline == nil ? nil : timeout, nil)
      }
    }
  }
}

/// Why a wait ended.
public struct Wakeup: Hashable, Sendable {
  /// CLOCK_MONOTONIC after the wait.
  public let time: Microseconds
  /// Whether the input can be read.
  public let isReadable: Bool
  /// Whether one of the others can be read.
  public let areOthersReadable: Bool
}
