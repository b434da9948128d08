/// A place where a stream does not follow jam-stream(5).
public struct Breach: Hashable, Sendable {
  /// What a stream has to do.
  public enum Rule: String, CaseIterable, Sendable {
    /// Each line is a record, with fields of the right types and ranges.
    case syntax
    /// A header comes first, there is only one, and times never go back.
    case order
    /// Each tick begins a later frame than the tick before.
    case tick
    /// A plan answers a tick, revisions count up, and chords reach from its frame to its horizon.
    case plan
    /// Committed chords never change, and what is committed never becomes less.
    case commitment
    /// Chord symbols are those of the grammar.
    case chord
    /// Once there are plans, each frame is committed before the next one begins.
    case missed
    /// Each note ends before the stream does.
    case note
    /// The stream ends with an `end` record.
    case ending
  }

  /// The number of the line, from 1.
  public var line: Int
  public var rule: Rule
  /// What was expected and what was found.
  public var message: String

  public init(line: Int, _ rule: Rule, _ message: String) {
    (self.line, self.rule, self.message) = (line, rule, message)
  }
}
