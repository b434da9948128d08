import Glibc
import Music
import SystemPackage

extension Microseconds {
  /// CLOCK_MONOTONIC now.
  static var monotonicNow: Microseconds {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Microseconds(Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
  }
}

/// What a descriptor is watched for.
public struct Watch {
  var descriptor: FileDescriptor
  var events: Int32

  public static func reading(_ descriptor: FileDescriptor) -> Watch {
    Watch(descriptor: descriptor, events: POLLIN)
  }

  public static func writing(_ descriptor: FileDescriptor) -> Watch {
    Watch(descriptor: descriptor, events: POLLOUT)
  }
}

/// How long to wait.
public enum Patience {
  case none
  case forever
  /// CLOCK_MONOTONIC.
  case until(Microseconds)
}

/// Waits for one of two descriptors and says which are ready; neither when the time is up. An end of
/// file or an error also makes one ready: the call after it tells which.
public func wait(
  for first: Watch, or second: Watch?, _ patience: Patience
) throws(Errno) -> (first: Bool, second: Bool) {
  var watched = (
    pollfd(fd: first.descriptor.rawValue, events: Int16(first.events), revents: 0),
    pollfd(
      fd: second?.descriptor.rawValue ?? -1, events: Int16(second?.events ?? 0), revents: 0)
  )
  while true {
    var timeout = timespec()
    var isEndless = false
    switch patience {
    case .none: break
    case .forever: isEndless = true
    case .until(let deadline):
      let left = max(deadline.rawValue - Microseconds.monotonicNow.rawValue, 0)
      timeout = timespec(tv_sec: Int(left / 1_000_000), tv_nsec: Int(left % 1_000_000) * 1000)
    }
    let count = withUnsafeMutablePointer(to: &watched) { pair in
      pair.withMemoryRebound(to: pollfd.self, capacity: 2) { descriptors in
        withUnsafePointer(to: &timeout) { ppoll(descriptors, 2, isEndless ? nil : $0, nil) }
      }
    }
    if count >= 0 { return (watched.0.revents != 0, watched.1.revents != 0) }
    guard errno == EINTR else { throw Errno(rawValue: errno) }
  }
}
