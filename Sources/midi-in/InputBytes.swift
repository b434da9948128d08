import CommandSupport
import RealTime
import SystemPackage

/// Reads the bytes of a file or of standard input as they come.
struct InputBytes: ~Copyable {
  /// The kind of an input, recognised by its first byte.
  enum Kind {
    case midiFile
    case stream
  }

  /// In bytes. A MIDI file is held whole, and its events take several times its size. No tune needs nearly
  /// this much.
  static let largestMidiFile = 4 << 20

  /// Its name in messages: the path, or `<stdin>`.
  let name: String
  private let descriptor: FileDescriptor
  private let isOwned: Bool
  private let stop: StopSignal
  private var buffer = [UInt8](repeating: 0, count: 65_536)
  /// The block that `kind()` read and `next()` has not returned yet.
  private var first: [UInt8] = []

  /// Opens a file; "-" is standard input.
  static func open(_ path: String, stop: StopSignal) throws(Failure) -> InputBytes {
    guard path != "-" else {
      return InputBytes(.standardInput, name: "<stdin>", isOwned: false, stop: stop)
    }
    do {
      let descriptor = try FileDescriptor.open(
        FilePath(path), .readOnly, options: .closeOnExec)
      return InputBytes(descriptor, name: path, isOwned: true, stop: stop)
    } catch {
      throw .missingFile(path, error as? Errno ?? .noSuchFileOrDirectory)
    }
  }

  private init(_ descriptor: FileDescriptor, name: String, isOwned: Bool, stop: StopSignal) {
    self.descriptor = descriptor
    self.name = name
    self.isOwned = isOwned
    self.stop = stop
  }

  deinit {
    if isOwned { try? descriptor.close() }
  }

  /// The kind of the input; nil if the stop signal comes first.
  mutating func kind() throws(Failure) -> Kind? {
    guard let block = try next() else { return nil }
    first = block
    switch first.first {
    case UInt8(ascii: "M"): return .midiFile
    case UInt8(ascii: "{"), UInt8(ascii: " "), UInt8(ascii: "\t"): return .stream
    case let byte?:
      let digits = String(byte, radix: 16, uppercase: true)
      throw .badData(
        name, "expected a MIDI file (MThd) or a recorded stream ({), found 0x\(digits)")
    case nil:
      throw .badData(name, "expected a MIDI file or a recorded stream, found nothing")
    }
  }

  /// Waits for the next bytes. Returns none at the end of the input, and nil if the stop signal comes
  /// first.
  mutating func next() throws(Failure) -> [UInt8]? {
    if !first.isEmpty {
      defer { first = [] }
      return first
    }
    while true {
      let stopDescriptor = stop.fileDescriptor.rawValue
      guard
        MonotonicClock.wait(until: nil, stop: stopDescriptor, input: descriptor.rawValue) != nil
      else { return nil }
      do {
        let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
        return Array(buffer[..<count])
      } catch Errno.resourceTemporarilyUnavailable {
        // The input is non-blocking, and another reader was faster.
      } catch Errno.isDirectory {
        throw .missingFile(name, .isDirectory)
      } catch {
        throw .io("read \(name)", error as? Errno ?? .ioError)
      }
    }
  }

  /// All bytes of a MIDI file; nil if the stop signal comes first.
  mutating func wholeMidiFile() throws(Failure) -> [UInt8]? {
    var bytes: [UInt8] = []
    while let block = try next() {
      if block.isEmpty { return bytes }
      bytes += block
      guard bytes.count <= Self.largestMidiFile else {
        throw .badData(name, "expected a MIDI file of at most \(Self.largestMidiFile) bytes")
      }
    }
    return nil
  }
}
