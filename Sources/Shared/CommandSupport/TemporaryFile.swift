import Glibc
import SystemPackage

/// A file that appears under its name only when it is whole. It is written under another name in
/// the same folder, and renamed when it is committed; otherwise it is removed.
///
/// A file that is replaced passes its permissions on, and a symbolic link is kept: the file that it
/// names is replaced or made. What a killed program left of a file of the same name is removed.
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
  ///
  /// - Parameter removesLeftovers: whether to look through the folder for what a killed program
  ///   left, which takes time in a large one.
  public static func beside(
    _ destination: String, removesLeftovers: Bool = true
  ) throws(Failure) -> TemporaryFile {
    do throws(Errno) {
      return try open(destination, removesLeftovers: removesLeftovers)
    } catch {
      throw .io("write \(destination)", error)
    }
  }

  private static func open(
    _ destination: String, removesLeftovers: Bool
  ) throws(Errno) -> TemporaryFile {
    let path = FilePath(name: destination)
    let replaced = try? path.stat()
    if let status = replaced {
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
    let target = try target(of: path)
    guard let name = target.lastComponent else { throw .isDirectory }
    let names = TemporaryNames(name)
    if removesLeftovers { names.removeLeftovers(in: target.removingLastComponent()) }
    for attempt in 0..<100 {
      let path = target.removingLastComponent().appending(names.name(getpid(), attempt))
      do throws(Errno) {
        let descriptor = try open(
          path.name, .readWrite, options: [.create, .exclusiveCreate])
        if let replaced { _ = fchmod(descriptor.rawValue, replaced.permissions.rawValue) }
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

  /// What symbolic links lead to, which need not exist.
  private static func target(of path: FilePath) throws(Errno) -> FilePath {
    var path = path
    for _ in 0..<40 {
      var text = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      guard path.withPlatformString({ readlink($0, &text, Int(PATH_MAX)) }) >= 0 else {
        return path
      }
      // A relative target counts from the folder of its link.
      path = path.removingLastComponent().pushing(FilePath(platformString: text))
    }
    throw .tooManySymbolicLinkLevels
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
