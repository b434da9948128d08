import Glibc
import SystemPackage

/// Receives signals that ask for something other than to stop, in the order in which they came.
public final class SignalNotices: Sendable {
  /// Readable when a signal came.
  public let fileDescriptor: FileDescriptor
  private let writeEnd: FileDescriptor

  /// Installs handlers for the signals. A tool does so once.
  public static func on(_ signals: [CInt]) throws(Failure) -> SignalNotices {
    let notices = try SignalNotices()
    // It lives as long as the process, because a handler may run at any time.
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
      // A notice for which there is no room is dropped.
      _ = fcntl(descriptor.rawValue, F_SETFL, O_NONBLOCK)
    }
  }

  deinit {
    try? fileDescriptor.close()
    try? writeEnd.close()
  }

  /// The next signal that came; nil if there is none.
  public func next() -> CInt? {
    var number: UInt8 = 0
    return read(fileDescriptor.rawValue, &number, 1) == 1 ? CInt(number) : nil
  }

  /// Notes a signal. Signal handlers call this: it neither allocates nor locks.
  private func take(_ number: CInt) {
    var byte = UInt8(truncatingIfNeeded: number)
    _ = Glibc.write(writeEnd.rawValue, &byte, 1)
  }
}

/// The notices that signal handlers write to. Set once, before the handlers are installed.
nonisolated(unsafe) private var noticed: Unmanaged<SignalNotices>?
