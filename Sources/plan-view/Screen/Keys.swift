import CommandSupport
import Glibc
import SystemPackage

/// Reads the keys of the terminal that the view is on, each as it is pressed. Keys that another
/// program reads already, such as midi-in, are left to it.
struct Keys: ~Copyable {
  /// The terminal; negative where no keys can be read.
  let fileDescriptor: FileDescriptor
  private var before = termios()
  private var own = termios()
  private(set) var areTaken = false

  /// Opens the terminal that the tool was started from. It has keys for the view only if the output
  /// is that terminal and the input is not a terminal.
  static func open(output: FileDescriptor, input: FileDescriptor) -> Keys {
    let mayRead = tcgetsid(output.rawValue) == getsid(0) && isatty(input.rawValue) == 0
    let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    return Keys(FileDescriptor(rawValue: mayRead ? Glibc.open("/dev/tty", flags) : -1))
  }

  private init(_ descriptor: FileDescriptor) {
    fileDescriptor = descriptor
    // Setting up the terminal from the background would stop the tool.
    for signal in [SIGTTIN, SIGTTOU] { Glibc.signal(signal, SIG_IGN) }
  }

  deinit { if fileDescriptor.rawValue >= 0 { try? fileDescriptor.close() } }

  /// Whether keys go to this tool now: it has taken them, and its job is in the foreground.
  var areOurs: Bool { areTaken && isInFront }

  private var isInFront: Bool { tcgetpgrp(fileDescriptor.rawValue) == getpgrp() }

  /// Takes the keys, unless another program has: then the terminal no longer waits for whole lines.
  mutating func take() {
    guard !areTaken, fileDescriptor.rawValue >= 0, isInFront,
      tcgetattr(fileDescriptor.rawValue, &before) == 0, before.c_lflag & tcflag_t(ICANON) != 0
    else { return }
    own = before
    own.c_lflag &= ~tcflag_t(ICANON | ECHO)
    withUnsafeMutableBytes(of: &own.c_cc) { bytes in
      bytes[Int(VMIN)] = 1
      bytes[Int(VTIME)] = 0
    }
    areTaken = tcsetattr(fileDescriptor.rawValue, TCSANOW, &own) == 0
  }

  /// Sets the terminal up as it was before, unless another program has set it up since.
  mutating func giveBack() {
    guard areTaken else { return }
    areTaken = false
    var current = termios()
    tcgetattr(fileDescriptor.rawValue, &current)
    guard current.c_lflag == own.c_lflag, current.c_iflag == own.c_iflag else { return }
    tcsetattr(fileDescriptor.rawValue, TCSANOW, &before)
  }

  /// The keys pressed since the last call. Keys that send more than one character, such as arrows,
  /// are left out.
  func read() -> [Character] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = Glibc.read(fileDescriptor.rawValue, &bytes, bytes.count)
    guard count > 0, bytes[0] != 0x1B else { return [] }
    return bytes[..<count].map { Character(Unicode.Scalar($0)) }
  }
}
