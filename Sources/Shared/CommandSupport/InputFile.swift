import SystemPackage

/// A file that is read, or standard input. It is closed at the end, unless it is standard input.
public struct InputFile: ~Copyable {
  /// Its name in messages: the path, or `<stdin>`.
  public let name: String
  public let descriptor: FileDescriptor
  private let isOwned: Bool

  /// Opens a file; "-" is standard input.
  public static func open(_ path: String) throws(Failure) -> InputFile {
    guard path != "-" else {
      return InputFile(.standardInput, name: "<stdin>", isOwned: false)
    }
    do {
      let descriptor = try FileDescriptor.open(
        FilePath(name: path), .readOnly, options: .closeOnExec)
      return InputFile(descriptor, name: path, isOwned: true)
    } catch {
      throw .missingFile(path, error as? Errno ?? .noSuchFileOrDirectory)
    }
  }

  /// A file that is open already, and is closed at the end if it is owned.
  public init(_ descriptor: FileDescriptor, name: String, isOwned: Bool) {
    self.descriptor = descriptor
    self.name = name
    self.isOwned = isOwned
  }

  deinit {
    if isOwned { try? descriptor.close() }
  }
}
