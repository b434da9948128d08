import Glibc
import Synchronization
import SystemPackage

/// Tells that the tool has to stop because SIGINT, SIGTERM or SIGHUP came.
///
/// Its file descriptor becomes readable and stays readable, so any wait of any thread can watch it.
/// Only waits end early: other system calls are restarted after the signal.
public final class StopSignal: Sendable {
  /// Readable once the tool has to stop. Watch it with poll(2), and never read from it: other
  /// threads would miss the signal.
  public let fileDescriptor: FileDescriptor
  private let writeEnd: FileDescriptor
  private let raised = Atomic<Bool>(false)

  /// Makes a stop signal that only `raise()` raises.
  public init() throws(Failure) {
    (fileDescriptor, writeEnd) = try FileDescriptor.privatePipe()
  }

  deinit {
    try? fileDescriptor.close()
    try? writeEnd.close()
  }

  public var isRaised: Bool { raised.load(ordering: .acquiring) }

  /// Raises the stop signal. Signal handlers may call this: it neither allocates nor locks.
  public func raise() {
    guard !raised.exchange(true, ordering: .acquiringAndReleasing) else { return }
    var byte: UInt8 = 0
    _ = Glibc.write(writeEnd.rawValue, &byte, 1)
  }

  /// Makes a stop signal that SIGINT, SIGTERM and SIGHUP raise. A second signal of the same kind
  /// ends the tool at once, in case its clean-up hangs. Signals that are ignored from the start, as
  /// with nohup(1), stay ignored.
  public static func onSignals() throws(Failure) -> StopSignal {
    let stop = try StopSignal()
    // It lives as long as the process, because a handler may run at any time.
    signalled = Unmanaged.passRetained(stop)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      sigaction(number, nil, &action)
      if action.__sigaction_handler.sa_handler.map(isIgnoring) ?? false { continue }
      action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in
        let errnoBefore = errno
        signalled?._withUnsafeGuaranteedRef { $0.raise() }
        errno = errnoBefore
      }
      action.sa_flags = SA_RESTART | Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(number, &action, nil)
      unblock(number)
    }
    return stop
  }
}

/// Unblocks a signal: the program that started the tool may have blocked it.
func unblock(_ number: Int32) {
  var set = sigset_t()
  sigemptyset(&set)
  sigaddset(&set, number)
  pthread_sigmask(SIG_UNBLOCK, &set, nil)
}

private func isIgnoring(_ handler: @convention(c) (Int32) -> Void) -> Bool {
  unsafeBitCast(handler, to: Int.self) == 1
}

/// The stop signal that signal handlers raise. Set once, before the handlers are installed.
nonisolated(unsafe) private var signalled: Unmanaged<StopSignal>?
