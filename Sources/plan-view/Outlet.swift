import CommandSupport
import Glibc
import SystemPackage

/// Writes without waiting for the reader: what can't be written yet is kept, up to a limit.
struct Outlet {
  let descriptor: FileDescriptor
  /// Nobody reads any more.
  private(set) var isClosed = false
  private var pending: [UInt8] = []

  /// Hours of lines. What a reader that stands still leaves beyond it is lost.
  static let limit = 1 << 20

  init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor
  }

  var isEmpty: Bool { pending.isEmpty }
  var isFull: Bool { pending.count >= Self.limit }

  mutating func add(_ text: String) {
    guard !isClosed, !isFull else { return }
    pending += text.utf8
  }

  /// Writes what can be written at once.
  mutating func flush() throws(Failure) {
    while !pending.isEmpty, isReady(timeoutMilliseconds: 0) { try writeSome() }
  }

  /// Writes all, for as long as the reader takes something within the time each, or until a signal
  /// stops the tool.
  mutating func flush(patienceMilliseconds: Int32, stop: StopSignal? = nil) throws(Failure) {
    while !pending.isEmpty, isReady(timeoutMilliseconds: patienceMilliseconds, stop) {
      try writeSome()
    }
  }

  /// Other signals, as of a terminal that has another size, are no reason to give up.
  private func isReady(timeoutMilliseconds: Int32, _ stop: StopSignal? = nil) -> Bool {
    var watched = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
    while true {
      let count = poll(&watched, 1, timeoutMilliseconds)
      guard count < 0, errno == EINTR, !(stop?.isRaised ?? false) else { return count > 0 }
    }
  }

  /// A pipe that is ready takes this much without waiting.
  private static let block = Int(PIPE_BUF)

  private mutating func writeSome() throws(Failure) {
    do {
      let count = try pending.prefix(Self.block).withUnsafeBytes { try descriptor.write($0) }
      pending.removeFirst(count)
    } catch Errno.resourceTemporarilyUnavailable {
    } catch Errno.brokenPipe {
      close()
    } catch Errno.ioError where isatty(descriptor.rawValue) == 1 {
      // The terminal was closed.
      close()
    } catch {
      throw .io("write to standard output", error as? Errno ?? .ioError)
    }
  }

  private mutating func close() {
    isClosed = true
    pending = []
  }
}
