import Glibc
import SystemPackage

/// A file that appears under its name only once it is whole: it is written beside and renamed, and
/// removed unless it is committed.
///
/// A destination that is no file of its own, such as /dev/stdout or a named pipe, is written directly.
public struct TemporaryFile: ~Copyable {
  /// What is written until `commit()`. It ends as the destination does, for those who choose the
  /// format by that.
  public let path: String
  public let destination: String
  public let fileDescriptor: FileDescriptor
  private let isBeside: Bool

  /// Opens a file beside `destination`.
  public static func beside(_ destination: String) throws(Failure) -> TemporaryFile {
    do throws(Errno) {
      return try open(destination)
    } catch {
      throw .io("write \(destination)", error)
    }
  }

  private static func open(_ destination: String) throws(Errno) -> TemporaryFile {
    var status = stat()
    if stat(destination, &status) == 0 {
      guard status.st_mode & S_IFMT != S_IFDIR else { throw .isDirectory }
      // To replace a file takes only the right to write its folder: ask the file as well.
      guard access(destination, W_OK) == 0 else { throw Errno(rawValue: errno) }
      guard status.st_mode & S_IFMT == S_IFREG else {
        let descriptor = try open(destination, .writeOnly)
        return TemporaryFile(
          path: destination, destination: destination, fileDescriptor: descriptor, isBeside: false)
      }
    }
    // A symbolic link stays one: what it points to is replaced.
    let target = FilePath(resolved(destination))
    guard let name = target.lastComponent else { throw .isDirectory }
    for attempt in 0..<100 {
      let path = target.removingLastComponent().appending(
        ".\(name.stem).\(getpid())-\(attempt)" + (name.extension.map { ".\($0)" } ?? ""))
      do throws(Errno) {
        let descriptor = try open(
          path.string, .readWrite, options: [.create, .exclusiveCreate])
        return TemporaryFile(
          path: path.string, destination: target.string, fileDescriptor: descriptor,
          isBeside: true)
      } catch Errno.fileExists {
      }
    }
    throw .fileExists
  }

  private static func open(
    _ path: String, _ mode: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = []
  ) throws(Errno) -> FileDescriptor {
    do {
      return try FileDescriptor.open(
        FilePath(path), mode, options: options.union(.closeOnExec),
        permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
    } catch {
      throw error as? Errno ?? .ioError
    }
  }

  private static func resolved(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  deinit {
    try? fileDescriptor.close()
    if isBeside { unlink(path) }
  }

  public func write(_ bytes: some Sequence<UInt8>) throws(Failure) {
    do {
      _ = try fileDescriptor.writeAll(bytes)
    } catch Errno.brokenPipe {
      throw .readerWentAway
    } catch {
      throw failure(error)
    }
  }

  /// Gives the file its name.
  public consuming func commit(isDurable: Bool = true) throws(Failure) {
    guard isBeside else { return }
    // Else a crash soon after may leave the name with nothing in it.
    guard !isDurable || fsync(fileDescriptor.rawValue) == 0, rename(path, destination) == 0 else {
      throw failure(Errno(rawValue: errno))
    }
    // The path is gone; `deinit` finds nothing to remove.
  }

  private func failure(_ error: any Error) -> Failure {
    .io("write \(destination)", error as? Errno ?? .ioError)
  }
}
