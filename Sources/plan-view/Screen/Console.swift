import CommandSupport
import Glibc
import SystemPackage

/// What a person does to a view on a terminal beside reading it: keys, another size, ctrl-Z.
struct Console: ~Copyable {
  private var keys: Keys
  private let notices: SignalNotices

  enum Event: Hashable {
    case key(Character)
    /// The terminal has another size, or may show something else.
    case changed
    /// The tool is to stand still.
    case stop
    /// The tool is to end at once, by this signal.
    case quit(CInt)
  }

  /// Keys are read where that can be done without taking them from others.
  static func open(output: FileDescriptor, input: FileDescriptor) throws(Failure) -> Console {
    Console(
      keys: Keys.open(output: output, input: input),
      notices: try SignalNotices.on([SIGWINCH, SIGTSTP, SIGCONT, SIGQUIT]))
  }

  private init(keys: consuming Keys, notices: SignalNotices) {
    self.keys = keys
    self.notices = notices
  }

  /// To be watched; negative where there is nothing to wait for.
  var descriptors: (CInt, CInt) {
    (keys.areOurs ? keys.fileDescriptor.rawValue : -1, notices.fileDescriptor.rawValue)
  }

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

  /// Once somebody else who wants the keys has had the chance to take them.
  mutating func begin() { keys.take() }

  /// Stands still until somebody lets the tool go on.
  mutating func standStill() {
    let wereTaken = keys.areTaken
    keys.giveBack()
    kill(getpid(), SIGSTOP)
    if wereTaken { keys.take() }
  }

  /// Signals do from now on what they always do.
  mutating func end() {
    keys.giveBack()
    for signal in [SIGWINCH, SIGTSTP, SIGCONT, SIGQUIT] { Glibc.signal(signal, SIG_DFL) }
  }
}
