/// An error while sound is made or written.
public struct SoundError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The operation that failed, as in `cannot <operation>`.
  public let operation: String
  /// The library's reason.
  public let reason: String
  /// Whether the cause is that a library is not installed.
  public let isLibraryMissing: Bool

  public init(_ operation: String, reason: String, isLibraryMissing: Bool = false) {
    self.operation = operation
    self.reason = reason
    self.isLibraryMissing = isLibraryMissing
  }

  /// An error for a library that can't be loaded.
  /// - Parameter package: the Debian package that has the library.
  init(_ operation: String, reason: UnsafePointer<CChar>, isInPackage package: String) {
    self.init(
      operation, reason: "\(String(cString: reason)) (Debian's package \(package) has it)",
      isLibraryMissing: true)
  }

  /// `cannot load the sound font a.sf2: not a sound font`
  public var description: String { "cannot \(operation): \(reason)" }
}
