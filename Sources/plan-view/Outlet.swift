import CommandSupport
import Glibc
import Music
import RealTime
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
    while !pending.isEmpty, isReady(.zero) { try writeSome() }
  }

  /// Writes everything. It gives up where the reader takes nothing for `patience`, which is endless
  /// if nil, or where a signal stops the tool.
  mutating func flush(
    patience: Microseconds?, stop: StopSignal? = nil
  ) throws(Failure) {
    while !pending.isEmpty,
      isReady(patience.map { .until(MonotonicClock.now + $0) } ?? .forever, stop)
    { try writeSome() }
  }

  /// Waits until the reader takes something. False where it does not, or a signal stops the tool.
  private func isReady(_ timeout: Timeout, _ stop: StopSignal? = nil) -> Bool {
    let ready = try? MonotonicClock.wait(
      for: .writing(descriptor), or: stop.map { .reading($0.fileDescriptor) }, timeout)
    return ready?.first ?? false
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
