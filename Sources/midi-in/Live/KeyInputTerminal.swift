import CommandSupport
import Glibc
import SystemPackage

/// A terminal that gives each key as it is pressed, and shows none. Its settings are restored at the end,
/// unless the tool is killed with SIGKILL.
struct KeyInputTerminal: ~Copyable {
  let fileDescriptor: FileDescriptor
  private var before: termios

  /// The terminal that the tool was started from.
  static func open() throws(Failure) -> KeyInputTerminal {
    do {
      // In a pipeline, standard input may be something else.
      let descriptor = try FileDescriptor.open("/dev/tty", .readOnly, options: .closeOnExec)
      return try KeyInputTerminal(descriptor)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .unavailable("open a terminal for --keyboard", "\(error)")
    }
  }

  private init(_ descriptor: FileDescriptor) throws(Failure) {
    fileDescriptor = descriptor
    before = termios()
    tcgetattr(descriptor.rawValue, &before)
    var keys = before
    keys.c_lflag &= ~tcflag_t(ICANON | ECHO)
    // ctrl-C still stops the whole pipeline. ctrl-Z and ctrl-\ do nothing: they would leave the terminal
    // without echo.
    keys.setControlCharacter(VSUSP, to: 0)
    keys.setControlCharacter(VQUIT, to: 0)
    keys.setControlCharacter(VMIN, to: 1)
    keys.setControlCharacter(VTIME, to: 0)
    guard tcsetattr(descriptor.rawValue, TCSANOW, &keys) == 0 else {
      throw .unavailable("set up the terminal", "\(Errno(rawValue: errno))")
    }
  }

  deinit {
    // Keys that were not read yet are dropped, so that the shell does not get them.
    var before = before
    tcsetattr(fileDescriptor.rawValue, TCSAFLUSH, &before)
    try? fileDescriptor.close()
  }

  /// Waits for a key and returns those that were pressed; none if the terminal was closed.
  func read() throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64)
    do {
      let count = try bytes.withUnsafeMutableBytes { try fileDescriptor.read(into: $0) }
      return Array(bytes[..<count])
    } catch Errno.ioError {
      // The terminal was closed.
      return []
    } catch {
      throw .io("read the terminal", error as? Errno ?? .ioError)
    }
  }
}

extension termios {
  fileprivate mutating func setControlCharacter(_ index: CInt, to value: cc_t) {
    withUnsafeMutableBytes(of: &c_cc) { $0[Int(index)] = value }
  }
}
