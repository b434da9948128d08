import Glibc
import Synchronization
import SystemPackage

/// Says that the tool has to stop: SIGINT, SIGTERM or SIGHUP came.
///
/// It is a file descriptor that becomes readable and stays so, so that every wait of every thread can
/// watch it beside what it waits for. Nothing but waits is interrupted: calls that a signal would
/// break off with EINTR go on.
public final class StopSignal: Sendable {
  /// Readable once the tool has to stop. Only to be watched by poll(2): who reads from it takes the
  /// news from all others.
  public let fileDescriptor: FileDescriptor
  private let writeEnd: FileDescriptor
  private let raised = Atomic<Bool>(false)

  /// One that only `raise()` raises.
  public init() throws(Failure) {
    (fileDescriptor, writeEnd) = try FileDescriptor.privatePipe()
  }

  deinit {
    try? fileDescriptor.close()
    try? writeEnd.close()
  }

  public var isRaised: Bool { raised.load(ordering: .acquiring) }

  /// Signal handlers may call it: it neither allocates nor locks.
  public func raise() {
    guard !raised.exchange(true, ordering: .acquiringAndReleasing) else { return }
    var byte: UInt8 = 0
    _ = Glibc.write(writeEnd.rawValue, &byte, 1)
  }

  /// One that the signals raise. A second signal of the same kind ends the tool at once, should its
  /// clean-up hang. Signals that the tool was started to ignore, as by nohup(1), stay ignored.
  public static func onSignals() throws(Failure) -> StopSignal {
    let stop = try StopSignal()
    // Lives as long as the process: a handler may run at any time.
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

/// Who started the tool may have blocked signals, for itself or by chance.
func unblock(_ number: Int32) {
  var set = sigset_t()
  sigemptyset(&set)
  sigaddset(&set, number)
  pthread_sigmask(SIG_UNBLOCK, &set, nil)
}

private func isIgnoring(_ handler: @convention(c) (Int32) -> Void) -> Bool {
  unsafeBitCast(handler, to: Int.self) == 1
}

/// Set before the handlers are, and never again.
nonisolated(unsafe) private var signalled: Unmanaged<StopSignal>?
