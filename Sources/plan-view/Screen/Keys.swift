import CommandSupport
import Glibc
import SystemPackage

/// The keys of the terminal that the view is on, each as it is pressed. They are another program's,
/// and left to it, where one takes them already: midi-in(1) may play the same keyboard.
struct Keys: ~Copyable {
  /// Negative where there are none.
  let fileDescriptor: FileDescriptor
  private var before = termios()
  private var own = termios()
  private(set) var areTaken = false

  /// There are none unless the output is the terminal that the tool was started from, and the input is
  /// not.
  static func open(output: FileDescriptor, input: FileDescriptor) -> Keys {
    let mayRead = tcgetsid(output.rawValue) == getsid(0) && isatty(input.rawValue) == 0
    let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    return Keys(FileDescriptor(rawValue: mayRead ? Glibc.open("/dev/tty", flags) : -1))
  }

  private init(_ descriptor: FileDescriptor) {
    fileDescriptor = descriptor
    // A job in the background that asks for keys, or gives the terminal back, must not be stopped.
    for signal in [SIGTTIN, SIGTTOU] { Glibc.signal(signal, SIG_IGN) }
  }

  deinit { if fileDescriptor.rawValue >= 0 { try? fileDescriptor.close() } }

  /// Whether keys are this job's, not those of a shell in front of it.
  var areOurs: Bool { areTaken && isInFront }

  private var isInFront: Bool { tcgetpgrp(fileDescriptor.rawValue) == getpgrp() }

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

  /// The terminal is as it was, unless somebody else has set it up since.
  mutating func giveBack() {
    guard areTaken else { return }
    areTaken = false
    var current = termios()
    tcgetattr(fileDescriptor.rawValue, &current)
    guard current.c_lflag == own.c_lflag, current.c_iflag == own.c_iflag else { return }
    tcsetattr(fileDescriptor.rawValue, TCSANOW, &before)
  }

  /// The keys that were pressed; those that send more than a sign (arrows, say) are none.
  func read() -> [Character] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = Glibc.read(fileDescriptor.rawValue, &bytes, bytes.count)
    guard count > 0, bytes[0] != 0x1B else { return [] }
    return bytes[..<count].map { Character(Unicode.Scalar($0)) }
  }
}
