import CommandSupport
import Glibc
import Records
import SystemPackage

/// The settings that people change beside the stream: `set` records that come in a pipe with a name,
/// or at the end of a file.
struct ControlFile: ~Copyable {
  private let path: String
  private let descriptor: FileDescriptor
  /// What came of a line whose end did not.
  private var unfinished: [UInt8] = []
  /// Whether the line at hand is too long to be one: nothing of it counts.
  private var isOverlong = false
  private var lineCount = 0
  private var block = [UInt8](repeating: 0, count: 4 * Limits.line)

  /// A pipe is opened for writing too: so it neither waits for a writer, nor ends with the last one.
  static func open(_ path: String) throws(Failure) -> ControlFile {
    do {
      return ControlFile(path, try opened(path))
    } catch {
      throw .missingFile(path, error as? Errno ?? .noSuchFileOrDirectory)
    }
  }

  private init(_ path: String, _ descriptor: FileDescriptor) {
    self.path = path
    self.descriptor = descriptor
  }

  private static func opened(_ path: String) throws -> FileDescriptor {
    var status = stat()
    guard stat(path, &status) == 0 else { throw Errno(rawValue: errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw Errno.isDirectory }
    let isPipe = status.st_mode & S_IFMT == S_IFIFO
    return try FileDescriptor.open(
      FilePath(path), isPipe ? .readWrite : .readOnly, options: [.nonBlocking, .closeOnExec])
  }

  deinit { try? descriptor.close() }

  /// The settings that were written since the last time; says what is wrong with other lines. It never
  /// waits, and takes a block at a time: a flood holds up no music.
  mutating func take(complain: (String) -> Void) -> [(name: String, value: SettingValue)] {
    let count = (try? block.withUnsafeMutableBytes { try descriptor.read(into: $0) }) ?? 0
    var settings: [(name: String, value: SettingValue)] = []
    for byte in block[..<count] {
      guard byte == UInt8(ascii: "\n") else {
        // The newline is a byte of the line too.
        if unfinished.count + 1 < Limits.line { unfinished.append(byte) } else { isOverlong = true }
        continue
      }
      lineCount += 1
      do throws(RecordError) {
        settings.append(try setting())
      } catch {
        complain("\(path):\(lineCount): \(error.message)")
      }
      unfinished.removeAll(keepingCapacity: true)
      isOverlong = false
    }
    return settings
  }

  /// What the line says.
  private func setting() throws(RecordError) -> (name: String, value: SettingValue) {
    guard !isOverlong else { throw RecordError(message: "line longer than \(Limits.line) bytes") }
    guard case .set(let name, let value) = try Record(parsing: unfinished).event else {
      throw RecordError(message: "expected a set record")
    }
    return (name, value)
  }
}
