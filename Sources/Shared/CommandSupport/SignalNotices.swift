import Glibc
import SystemPackage

/// Tells of signals that ask for something other than to stop, in the order in which they came.
public final class SignalNotices: Sendable {
  /// Readable when a signal came.
  public let fileDescriptor: FileDescriptor
  private let writeEnd: FileDescriptor

  /// Takes up these signals. A tool does so once.
  public static func on(_ signals: [CInt]) throws(Failure) -> SignalNotices {
    let notices = try SignalNotices()
    // Lives as long as the process: a handler may run at any time.
    noticed = Unmanaged.passRetained(notices)
    for number in signals {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        let errnoBefore = errno
        noticed?._withUnsafeGuaranteedRef { $0.take(number) }
        errno = errnoBefore
      }
      action.sa_flags = SA_RESTART
      sigaction(number, &action, nil)
      unblock(number)
    }
    return notices
  }

  private init() throws(Failure) {
    (fileDescriptor, writeEnd) = try FileDescriptor.privatePipe()
    for descriptor in [fileDescriptor, writeEnd] {
      // A pipe that is full of notices says enough.
      _ = fcntl(descriptor.rawValue, F_SETFL, O_NONBLOCK)
    }
  }

  deinit {
    try? fileDescriptor.close()
    try? writeEnd.close()
  }

  /// The next signal that came; nil if none waits.
  public func next() -> CInt? {
    var number: UInt8 = 0
    return read(fileDescriptor.rawValue, &number, 1) == 1 ? CInt(number) : nil
  }

  /// Signal handlers call it: it neither allocates nor locks.
  private func take(_ number: CInt) {
    var byte = UInt8(truncatingIfNeeded: number)
    _ = Glibc.write(writeEnd.rawValue, &byte, 1)
  }
}

/// Set before the handlers are, and never again.
nonisolated(unsafe) private var noticed: Unmanaged<SignalNotices>?
