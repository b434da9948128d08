/// Something that the sequencer refused.
public struct SequencerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, as in `cannot <operation>`.
  public let operation: String
  /// Why it failed, in the library's words.
  public let reason: String

  public init(_ operation: String, reason: String) {
    self.operation = operation
    self.reason = reason
  }

  /// `cannot open the sequencer: No such file or directory`
  public var description: String { "cannot \(operation): \(reason)" }
}
