/// Sound that can't be made or written.
public struct SoundError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, as in `cannot <operation>`.
  public let operation: String
  /// Why it failed, in the library's words.
  public let reason: String
  /// Whether a library that makes sound is not installed.
  public let isLibraryMissing: Bool

  public init(_ operation: String, reason: String, isLibraryMissing: Bool = false) {
    self.operation = operation
    self.reason = reason
    self.isLibraryMissing = isLibraryMissing
  }

  /// A library that can't be loaded, and the Debian package that it is in.
  init(_ operation: String, reason: UnsafePointer<CChar>, isInPackage package: String) {
    self.init(
      operation, reason: "\(String(cString: reason)) (Debian's package \(package) has it)",
      isLibraryMissing: true)
  }

  /// `cannot load the sound font a.sf2: not a sound font`
  public var description: String { "cannot \(operation): \(reason)" }
}
