import Glibc
import Music
import SystemPackage

/// A file descriptor, and what is waited for on it.
public struct Watch: Sendable {
  fileprivate let descriptor: CInt
  fileprivate let events: Int16

  /// Ready when there is something to read, also at the end of the file.
  public static func reading(_ descriptor: FileDescriptor) -> Watch {
    Watch(descriptor: descriptor.rawValue, events: Int16(POLLIN))
  }

  /// Ready when there is room to write, or when nobody reads from the pipe any more.
  public static func writing(_ descriptor: FileDescriptor) -> Watch {
    Watch(descriptor: descriptor.rawValue, events: Int16(POLLOUT))
  }
}

/// How long a wait may take.
public enum Timeout: Sendable {
  /// The wait returns at once.
  case zero
  case forever
  /// The wait ends at a time of CLOCK_MONOTONIC.
  case until(Microseconds)
}

/// Why a wait with a deadline ended.
public struct Wakeup: Hashable, Sendable {
  /// CLOCK_MONOTONIC after the wait.
  public let time: Microseconds
  /// Whether the input can be read.
  public let isReadable: Bool
  /// Whether one of the other descriptors can be read.
  public let areOthersReadable: Bool
}

extension MonotonicClock {
  /// Waits until one of two descriptors is ready, and says which are; neither is when the time is
  /// up. An end of file or an error makes a descriptor ready: the call after the wait tells which.
  ///
  /// Real-time: no allocation, no locks.
  public static func wait(
    for first: Watch, or second: Watch?, _ timeout: Timeout
  ) throws(Errno) -> (first: Bool, second: Bool) {
    var descriptors: InlineArray<2, pollfd> = [pollfd(first), pollfd(second)]
    var span = descriptors.mutableSpan
    try poll(&span, timeout)
    return (descriptors[0].revents != 0, descriptors[1].revents != 0)
  }

  /// Waits until one of any number of descriptors is ready, or until the time is up.
  public static func wait(for watches: [Watch], _ timeout: Timeout) throws(Errno) {
    var descriptors = watches.map { pollfd($0) }
    var span = descriptors.mutableSpan
    try poll(&span, timeout)
  }

  /// Waits until a time, or until one of the descriptors can be read. Returns nil when the stop
  /// signal was raised or nobody reads the output any more: then the tool should end.
  ///
  /// Real-time: no allocation, no locks.
  /// - Parameters:
  ///   - deadline: on this clock; nil to wait for the descriptors alone.
  ///   - stop: the stop signal's descriptor.
  ///   - input: ends the wait when it can be read, also at its end.
  ///   - output: ends the wait when it is a pipe that nobody reads any more.
  ///   - others: end the wait when one of them can be read.
  public static func wait(
    until deadline: Microseconds?, stop: CInt? = nil, input: CInt? = nil, output: CInt? = nil,
    others: (CInt, CInt)? = nil
  ) -> Wakeup? {
    var watched: InlineArray<5, pollfd> = [
      pollfd(stop, POLLIN), pollfd(input, POLLIN), pollfd(output, 0), pollfd(others?.0, POLLIN),
      pollfd(others?.1, POLLIN),
    ]
    while true {
      var span = watched.mutableSpan
      try? poll(&span, deadline.map { .until($0) } ?? .forever)
      if watched[0].revents != 0 || watched[2].revents & Int16(POLLERR) != 0 { return nil }
      let time = now
      let isDue = deadline.map { $0 <= time } ?? false
      let areOthersReadable = watched[3].revents != 0 || watched[4].revents != 0
      if isDue || watched[1].revents != 0 || areOthersReadable {
        return Wakeup(
          time: time, isReadable: watched[1].revents != 0, areOthersReadable: areOthersReadable)
      }
      // The wait ended a little early.
    }
  }

  /// The one call of ppoll(2). A signal that a handler took does not end the wait.
  private static func poll(
    _ descriptors: inout MutableSpan<pollfd>, _ timeout: Timeout
  ) throws(Errno) {
    var count: CInt
    repeat {
      var remaining: timespec? = nil
      switch timeout {
      case .zero: remaining = timespec()
      case .forever: break
      case .until(let deadline): remaining = timespec(max(deadline - now, .zero))
      }
      count = descriptors.withUnsafeMutableBufferPointer { buffer in
        let length = nfds_t(buffer.count)
        guard var remaining else { return ppoll(buffer.baseAddress, length, nil, nil) }
        return ppoll(buffer.baseAddress, length, &remaining, nil)
      }
    } while count < 0 && errno == EINTR
    if count < 0 { throw Errno(rawValue: errno) }
  }
}

extension pollfd {
  /// ppoll(2) passes over negative descriptors: nil stands for none.
  fileprivate init(_ descriptor: CInt?, _ events: CInt) {
    self.init(fd: descriptor ?? -1, events: Int16(events), revents: 0)
  }

  fileprivate init(_ watch: Watch?) {
    self.init(fd: watch?.descriptor ?? -1, events: watch?.events ?? 0, revents: 0)
  }
}
