import CommandSupport
import Glibc
import SystemPackage

/// Writes without waiting for the reader. Text that cannot be written yet is kept, up to a limit.
struct Outlet {
  let descriptor: FileDescriptor
  /// Whether the reader has gone away.
  private(set) var isClosed = false
  private var pending: [UInt8] = []

  /// The bytes that are kept: hours of lines. Text beyond that is lost.
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

  /// Writes as much as the reader takes at once.
  mutating func flush() throws(Failure) {
    while !pending.isEmpty, isReady(timeoutMilliseconds: 0) { try writeSome() }
  }

  /// Writes everything. It gives up where the reader takes nothing for the given time, which is endless
  /// if negative, or where a signal stops the tool.
  mutating func flush(patienceMilliseconds: Int32, stop: StopSignal? = nil) throws(Failure) {
    while !pending.isEmpty, isReady(timeoutMilliseconds: patienceMilliseconds, stop) {
      try writeSome()
    }
  }

  /// Whether the reader takes something within the given time. Signals other than a stop, such as that
  /// of a terminal's new size, do not end the wait.
  private func isReady(timeoutMilliseconds: Int32, _ stop: StopSignal? = nil) -> Bool {
    var watched = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
    while true {
      let count = poll(&watched, 1, timeoutMilliseconds)
      guard count < 0, errno == EINTR, !(stop?.isRaised ?? false) else { return count > 0 }
    }
  }

  /// The bytes that a pipe takes without waiting when it is ready.
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
