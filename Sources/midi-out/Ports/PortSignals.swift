import CommandSupport
import Glibc

/// The signals that a person sends while ports are played to.
struct PortSignals {
  enum Signal: Hashable, Sendable {
    /// SIGUSR1: end all notes on all channels, also those of other programs.
    case panic
    /// SIGTSTP, as ctrl-Z sends it: fall silent, and stand still until SIGCONT.
    case suspend
  }

  private let notices: SignalNotices

  /// Begins to listen for the signals. A tool calls it once.
  static func listen() throws(Failure) -> PortSignals {
    PortSignals(notices: try SignalNotices.on([SIGUSR1, SIGTSTP]))
  }

  /// Readable when a signal came.
  var fileDescriptor: CInt { notices.fileDescriptor.rawValue }

  /// The next signal that came; nil if there is none.
  func next() -> Signal? {
    while let number = notices.next() {
      switch number {
      case SIGUSR1: return .panic
      case SIGTSTP: return .suspend
      default: break
      }
    }
    return nil
  }

  static func suspendProcess() { kill(getpid(), SIGSTOP) }
}
