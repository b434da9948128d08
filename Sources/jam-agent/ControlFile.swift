import CommandSupport
import Glibc
import Records
import SystemPackage

/// A source of `set` records beside the stream: a named pipe, or a file that grows.
struct ControlFile: ~Copyable {
  private let path: String
  private let descriptor: FileDescriptor
  /// The beginning of a line whose end has not come yet.
  private var unfinished: [UInt8] = []
  /// Whether the current line is longer than a record may be: all of it is ignored.
  private var isOverlong = false
  private var lineCount = 0
  private var block = [UInt8](repeating: 0, count: 4 * Limits.line)

  /// Opens a pipe for writing too, so that it neither waits for a writer nor ends with the last
  /// one.
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
    let file = FilePath(name: path)
    let type = try file.stat().type
    guard type != .directory else { throw Errno.isDirectory }
    return try FileDescriptor.open(
      file, type == .fifo ? .readWrite : .readOnly, options: [.nonBlocking, .closeOnExec])
  }

  deinit { try? descriptor.close() }

  /// The settings written since the last call; `complain` is told what is wrong with other lines.
  /// Never waits, and reads one block at most, so that a flood of records does not delay the music.
  mutating func take(complain: (String) -> Void) -> [(name: String, value: SettingValue)] {
    let count = (try? block.withUnsafeMutableBytes { try descriptor.read(into: $0) }) ?? 0
    var settings: [(name: String, value: SettingValue)] = []
    for byte in block[..<count] {
      guard byte == UInt8(ascii: "\n") else {
        // The limit includes the newline.
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

  /// The setting that the current line holds.
  private func setting() throws(RecordError) -> (name: String, value: SettingValue) {
    guard !isOverlong else { throw RecordError(message: "line longer than \(Limits.line) bytes") }
    guard case .set(let name, let value) = try Record(parsing: unfinished).event else {
      throw RecordError(message: "expected a set record")
    }
    return (name, value)
  }
}
