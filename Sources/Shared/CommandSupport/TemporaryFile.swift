import Glibc
import SystemPackage

/// A file that appears under its name only when it is whole. It is written under another name in
/// the same folder, and renamed when it is committed; otherwise it is removed.
///
/// A destination that is no regular file, such as /dev/stdout or a named pipe, is written directly.
public struct TemporaryFile: ~Copyable {
  /// The path that is written until `commit()`. It has the extension of the destination, by which
  /// some libraries choose the format.
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
    let path = FilePath(name: destination)
    if let status = try? path.stat() {
      guard status.type != .directory else { throw .isDirectory }
      // Replacing a file only requires write access to its folder: check the file, too.
      guard path.withPlatformString({ access($0, W_OK) }) == 0 else {
        throw Errno(rawValue: errno)
      }
      guard status.type == .regular else {
        let descriptor = try open(destination, .writeOnly)
        return TemporaryFile(
          path: destination, destination: destination, fileDescriptor: descriptor, isBeside: false)
      }
    }
    // A symbolic link is kept: its target is replaced.
    let target = resolved(path)
    guard let name = target.lastComponent else { throw .isDirectory }
    for attempt in 0..<100 {
      let path = target.removingLastComponent().appending(
        ".\(name.stem).\(getpid())-\(attempt)" + (name.extension.map { ".\($0)" } ?? ""))
      do throws(Errno) {
        let descriptor = try open(
          path.name, .readWrite, options: [.create, .exclusiveCreate])
        return TemporaryFile(
          path: path.name, destination: target.name, fileDescriptor: descriptor, isBeside: true)
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
        FilePath(name: path), mode, options: options.union(.closeOnExec),
        permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
    } catch {
      throw error as? Errno ?? .ioError
    }
  }

  private static func resolved(_ path: FilePath) -> FilePath {
    guard let resolved = path.withPlatformString({ realpath($0, nil) }) else { return path }
    defer { free(resolved) }
    return FilePath(platformString: resolved)
  }

  deinit {
    try? fileDescriptor.close()
    if isBeside { _ = FilePath(name: path).withPlatformString { unlink($0) } }
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
  /// - Parameter isDurable: whether the content must be on the disk first.
  public consuming func commit(isDurable: Bool = true) throws(Failure) {
    guard isBeside else { return }
    // Otherwise a crash soon afterwards may leave an empty file.
    guard !isDurable || fsync(fileDescriptor.rawValue) == 0, move() == 0 else {
      throw failure(Errno(rawValue: errno))
    }
    // The temporary path no longer exists, so `deinit` removes nothing.
  }

  private func move() -> CInt {
    FilePath(name: path).withPlatformString { path in
      FilePath(name: destination).withPlatformString { rename(path, $0) }
    }
  }

  private func failure(_ error: any Error) -> Failure {
    .io("write \(destination)", error as? Errno ?? .ioError)
  }
}
