import Glibc
import Music
import RealTime
import Records
import SystemPackage

/// Writes records, each at once and with one write(2): a reader never sees half a record, and never
/// waits for one that is ready.
public struct Output: ~Copyable {
  /// Its name in messages.
  public let name: String
  public let fileDescriptor: FileDescriptor
  private let stop: StopSignal?
  private let printer = RecordPrinter()
  private var line: [UInt8] = []

  /// - Parameter stop: with a stop signal, a reader that takes nothing does not keep the tool from
  ///   stopping.
  public init(
    _ descriptor: FileDescriptor = .standardOutput, name: String = "standard output",
    stop: StopSignal? = nil
  ) {
    fileDescriptor = descriptor
    self.name = name
    self.stop = stop
    line.reserveCapacity(Limits.line)
  }

  /// Enlarges a pipe from 64 KiB to 1 MiB, the most that is allowed by default: a reader that is
  /// busy for a while holds up nothing.
  public func makeRoom() {
    _ = fcntl(fileDescriptor.rawValue, F_SETPIPE_SZ, 1 << 20)
  }

  /// Writes a record. Throws `Failure.readerWentAway` if nobody reads any more.
  public mutating func write(_ record: Record) throws(Failure) {
    line.removeAll(keepingCapacity: true)
    printer.print(record, to: &line)
    try write(line: line.span)
  }

  /// Writes a line as it came.
  public func write(_ line: Line) throws(Failure) {
    try write(line: line.bytes.span)
  }

  /// Writes a line, which ends in a newline.
  public func write(line: [UInt8]) throws(Failure) {
    try write(line: line.span)
  }

  private func write(line: Span<UInt8>) throws(Failure) {
    do {
      try line.withUnsafeBytes { bytes in
        var rest = bytes
        while !rest.isEmpty {
          try waitForRoom()
          let count = try writeSome(rest)
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
      }
    } catch Errno.brokenPipe {
      throw .readerWentAway
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .io("write to \(name)", error as? Errno ?? .ioError)
    }
  }

  /// Waits until a write of a whole line will not block. A pipe that is ready has room for one.
  private func waitForRoom() throws {
    guard let stop else { return }
    let ready = try MonotonicClock.wait(
      for: .writing(fileDescriptor), or: .reading(stop.fileDescriptor), .forever)
    if ready.first { return }
    // A reader that is only slow still gets the end of the stream.
    let moment = MonotonicClock.now + Microseconds(100_000)
    guard try MonotonicClock.wait(for: .writing(fileDescriptor), or: nil, .until(moment)).first
    else {
      throw Failure.readerWentAway
    }
  }

  private func writeSome(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    do {
      return try fileDescriptor.write(bytes)
    } catch Errno.resourceTemporarilyUnavailable {
      // Another program made the shared output non-blocking.
      _ = try MonotonicClock.wait(for: .writing(fileDescriptor), or: nil, .forever)
      return 0
    }
  }
}
