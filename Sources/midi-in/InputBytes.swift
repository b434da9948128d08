import CommandSupport
import RealTime
import SystemPackage

/// The bytes of a file or of standard input, as they come.
struct InputBytes: ~Copyable {
  /// What an input holds, as its first byte tells.
  enum Kind {
    case midiFile
    case stream
  }

  /// A MIDI file is held whole, and its events take several times its size: this is far more than
  /// any tune needs.
  static let largestMidiFile = 4 << 20

  /// As in messages: the path, or `<stdin>`.
  let name: String
  private let descriptor: FileDescriptor
  private let isOwned: Bool
  private let stop: StopSignal
  private var buffer = [UInt8](repeating: 0, count: 65_536)
  /// Read already, but not yet given.
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

  /// What the input holds; nil when the stop signal comes first.
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

  /// The next bytes, once there are some: none at the end; nil when the stop signal comes first.
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
        // Who started the tool made its input non-blocking, and another reader was faster.
      } catch Errno.isDirectory {
        throw .missingFile(name, .isDirectory)
      } catch {
        throw .io("read \(name)", error as? Errno ?? .ioError)
      }
    }
  }

  /// All bytes of a MIDI file; nil when the stop signal comes first.
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
