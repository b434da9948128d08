/// A text that was to be a chord symbol, or the quality of one, and is not.
public struct ChordSymbolError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would have been read: `a chord symbol such as Am7 or Bb/D`.
  public let expected: String
  /// The text, shortened where it is long, its control characters replaced.
  public let found: String

  init(expected: String, found: String) {
    self.expected = expected
    // The text may come from anywhere: it must neither flood a terminal nor command it.
    let scalars = found.unicodeScalars.prefix(32).map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}" as Unicode.Scalar
      default: scalar
      }
    }
    let isShortened = found.unicodeScalars.dropFirst(32).first != nil
    self.found = String(String.UnicodeScalarView(scalars)) + (isShortened ? "…" : "")
  }

  static func symbol(_ text: String) -> Self {
    Self(expected: "a chord symbol such as Am7 or Bb/D", found: text)
  }

  static func quality(_ text: String) -> Self {
    Self(expected: "a chord quality such as m7 or 7sus4", found: text)
  }

  /// `expected a chord symbol such as Am7 or Bb/D, found "H7"`.
  public var description: String { "expected \(expected), found \"\(found)\"" }
}
