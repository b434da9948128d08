/// The reason why a text is no JSON.
public struct JSONError: Error, Hashable, Sendable {
  /// The byte of the text at fault, from 1.
  public let column: Int
  /// What was expected and what was found.
  public let message: String
}
