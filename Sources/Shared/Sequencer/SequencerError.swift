/// A call that the sequencer refused.
public struct SequencerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The operation that failed, as in `cannot <operation>`.
  public let operation: String
  /// The library's reason.
  public let reason: String

  public init(_ operation: String, reason: String) {
    self.operation = operation
    self.reason = reason
  }

  /// `cannot open the sequencer: No such file or directory`
  public var description: String { "cannot \(operation): \(reason)" }
}
