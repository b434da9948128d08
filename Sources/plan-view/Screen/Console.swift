import CommandSupport
import Glibc
import SystemPackage

/// What a person does at the terminal of a view: presses keys, changes its size, types ctrl-Z.
struct Console: ~Copyable {
  private var keys: Keys
  private let notices: SignalNotices

  enum Event: Hashable {
    case key(Character)
    /// The terminal has another size, or another program may have drawn on it.
    case changed
    /// The tool has to stop, as after ctrl-Z.
    case stop
    /// The tool has to end at once, by this signal.
    case quit(CInt)
  }

  /// Watches the signals, and the keys where no other program reads them.
  static func open(output: FileDescriptor, input: FileDescriptor) throws(Failure) -> Console {
    Console(
      keys: Keys.open(output: output, input: input),
      notices: try SignalNotices.on([SIGWINCH, SIGTSTP, SIGCONT, SIGQUIT]))
  }

  private init(keys: consuming Keys, notices: SignalNotices) {
    self.keys = keys
    self.notices = notices
  }

  /// The descriptors to wait for: keys and signals can be read there.
  var descriptors: [FileDescriptor] {
    (keys.areOurs ? [keys.fileDescriptor] : []) + [notices.fileDescriptor]
  }

  /// What has happened since the last call.
  func next() -> [Event] {
    var events: [Event] = keys.areOurs ? keys.read().map(Event.key) : []
    while let signal = notices.next() {
      switch signal {
      case SIGTSTP: events.append(.stop)
      case SIGQUIT: events.append(.quit(signal))
      default: events.append(.changed)
      }
    }
    return events
  }

  /// Takes the keys. It is called late enough for another program that wants them to be first.
  mutating func begin() { keys.take() }

  /// Gives the keys back, stops the process until another one continues it, and takes them again.
  mutating func suspendProcess() {
    let wereTaken = keys.areTaken
    keys.giveBack()
    kill(getpid(), SIGSTOP)
    if wereTaken { keys.take() }
  }

  /// Gives the keys and the signals back.
  mutating func end() {
    keys.giveBack()
    for signal in [SIGWINCH, SIGTSTP, SIGCONT, SIGQUIT] { Glibc.signal(signal, SIG_DFL) }
  }
}
