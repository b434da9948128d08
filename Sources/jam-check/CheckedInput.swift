import CommandSupport
import Music
import RealTime
import SystemPackage

/// Reads the bytes of a recording, or of a stream as it comes.
///
/// ctrl-C stops a whole pipeline. The programs before this one then end their notes and the stream,
/// so after a stop signal it reads on, but not for long.
struct CheckedInput: ~Copyable {
  private static let longestEnding = Microseconds(500_000)

  private let file: InputFile
  private let stop: StopSignal
  /// When reading ends after a stop signal; nil before one comes.
  private var deadline: Microseconds?
  private var block = [UInt8](repeating: 0, count: 65_536)

  /// Opens a file; "-" is standard input.
  static func open(_ path: String, stop: StopSignal) throws(Failure) -> CheckedInput {
    CheckedInput(try .open(path), stop: stop)
  }

  private init(_ file: consuming InputFile, stop: StopSignal) {
    self.file = file
    self.stop = stop
  }

  /// Its name in messages: the path, or `<stdin>`.
  var name: String { file.name }

  /// Waits for the next block; nil at the end.
  mutating func next() throws(Failure) -> ArraySlice<UInt8>? {
    let descriptor = file.descriptor
    do {
      while try isReady() {
        do {
          let count = try block.withUnsafeMutableBytes { try descriptor.read(into: $0) }
          return count > 0 ? block[..<count] : nil
        } catch Errno.resourceTemporarilyUnavailable {
          // The input is non-blocking, and another reader was faster.
        }
      }
      return nil
    } catch {
      throw .io("read \(name)", error as? Errno ?? .ioError)
    }
  }

  /// Waits for bytes, or for the end. Returns false when the time after a stop signal is over.
  private mutating func isReady() throws(Errno) -> Bool {
    if deadline == nil {
      let ready = try MonotonicClock.wait(
        for: .reading(file.descriptor), or: .reading(stop.fileDescriptor), .forever)
      guard ready.second else { return true }
      deadline = MonotonicClock.now + Self.longestEnding
    }
    guard let deadline, MonotonicClock.now < deadline else { return false }
    return try MonotonicClock.wait(for: .reading(file.descriptor), or: nil, .until(deadline)).first
  }
}
