import CommandSupport
import Glibc
import SystemPackage

/// The terminal, giving each key as it is pressed and showing none of them. It is as it was once
/// this is gone, however that comes about short of SIGKILL.
struct Terminal: ~Copyable {
  let fileDescriptor: FileDescriptor
  private var before: termios

  /// The terminal that the tool was started from.
  static func open() throws(Failure) -> Terminal {
    do {
      // Standard input may be something else in a pipeline.
      let descriptor = try FileDescriptor.open("/dev/tty", .readOnly, options: .closeOnExec)
      return try Terminal(descriptor)
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
    // ctrl-C still stops the whole pipeline, but nothing stops or kills this tool and leaves the
    // terminal without its echo.
    keys.setControlCharacter(VSUSP, to: 0)
    keys.setControlCharacter(VQUIT, to: 0)
    keys.setControlCharacter(VMIN, to: 1)
    keys.setControlCharacter(VTIME, to: 0)
    guard tcsetattr(descriptor.rawValue, TCSANOW, &keys) == 0 else {
      throw .unavailable("set up the terminal", "\(Errno(rawValue: errno))")
    }
  }

  deinit {
    // Keys that nobody took are not for the shell.
    var before = before
    tcsetattr(fileDescriptor.rawValue, TCSAFLUSH, &before)
    try? fileDescriptor.close()
  }

  /// The keys pressed, waiting for one; none at the end of the terminal.
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
