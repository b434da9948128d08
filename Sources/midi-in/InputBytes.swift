import CommandSupport
import MidiFile
import RealTime
import SystemPackage

/// Reads the bytes of a file or of standard input as they come.
struct InputBytes: ~Copyable {
  /// The kind of an input, recognised by its first bytes.
  enum Kind {
    case midiFile
    case stream
  }

  /// In bytes. A MIDI file is held whole, and its events take several times its size. No tune needs
  /// nearly this much.
  static let largestMidiFile = 4 << 20

  private let file: InputFile
  private let stop: StopSignal
  private var buffer = [UInt8](repeating: 0, count: 65_536)
  /// The block that `kind()` read and `next()` has not returned yet.
  private var first: [UInt8] = []

  /// Opens a file; "-" is standard input.
  static func open(_ path: String, stop: StopSignal) throws(Failure) -> InputBytes {
    InputBytes(try .open(path), stop: stop)
  }

  private init(_ file: consuming InputFile, stop: StopSignal) {
    self.file = file
    self.stop = stop
  }

  /// Its name in messages: the path, or `<stdin>`.
  var name: String { file.name }

  /// The kind of the input; nil if the stop signal comes first.
  mutating func kind() throws(Failure) -> Kind? {
    guard let block = try next() else { return nil }
    first = block
    guard !block.isEmpty else {
      throw .badData(name, "expected a MIDI file or a recorded stream, found nothing")
    }
    // A stream may begin with spaces. Before a MIDI file there may be anything.
    let visible = block.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    return visible == UInt8(ascii: "{") || visible == nil ? .stream : .midiFile
  }

  /// Waits for the next bytes. Returns none at the end of the input, and nil if the stop signal
  /// comes first.
  mutating func next() throws(Failure) -> [UInt8]? {
    if !first.isEmpty {
      defer { first = [] }
      return first
    }
    let descriptor = file.descriptor
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
    var hasBegun = false
    while let block = try next() {
      bytes += block
      // An endless input that is no MIDI file is refused at once.
      if !hasBegun, block.isEmpty || bytes.count > MidiFile.longestPreamble {
        guard MidiFile.start(in: bytes) != nil else {
          throw .badData(
            name,
            "expected a MIDI file (MThd) or a recorded stream ({), "
              + "found \(MidiFile.kind(of: bytes))")
        }
        hasBegun = true
      }
      if block.isEmpty { return bytes }
      guard bytes.count <= Self.largestMidiFile else {
        throw .badData(name, "expected a MIDI file of at most \(Self.largestMidiFile) bytes")
      }
    }
    return nil
  }
}
