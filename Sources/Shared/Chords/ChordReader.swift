/// Reads the parts of a symbol, one after another. Blanks may stand between the parts, and
/// parentheses, commas and slashes between those of its quality.
struct ChordReader {
  /// The text goes on with something that is no part of a symbol.
  struct Unreadable: Error {}

  /// Longer than any canonical symbol. What is read may come from anyone.
  static let longestSymbolInBytes = 64

  /// The text, with one spelling for each sign.
  private let scalars: [Unicode.Scalar]
  private var position = 0
  /// Where the present part starts, as far as a step has found it.
  private var start = -1
  private var isInParentheses = false
  /// Whether something stands between the last part and what comes next, so that a number that
  /// comes next is a part of its own: the 13 of C7(13).
  private(set) var isAfterSeparator = false
  /// Whether that is a slash or a comma.
  private(set) var isAfterSlashOrComma = false
  /// Whether a colon stands after the root, as in the notation of Harte: `C:min7/b3`.
  private(set) var hasColon = false

  init(_ text: String) throws(Unreadable) {
    guard text.utf8.count <= Self.longestSymbolInBytes else { throw Unreadable() }
    scalars = text.unicodeScalars.flatMap { Self.spelling(of: $0).unicodeScalars }
  }

  /// A sign as the grammar has it.
  private static func spelling(of scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "♭": "b"
    case "♯": "#"
    case "\u{1D12B}": "bb"
    case "\u{1D12A}": "##"
    case "°", "º", "˚": "o"
    case "Ø", "⌀", "∅": "ø"
    // The increment sign and triangles, which look like a delta.
    case "∆", "△", "▵", "▲", "^": "Δ"
    case "−", "–", "‐", "‑": "-"
    case "⁄", "∕": "/"
    case "[": "("
    case "]": ")"
    case "\t", "\u{A0}", "\u{2009}", "\u{202F}": " "
    case "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹":
      "\(Int(scalar.properties.numericValue ?? 0))"
    default: String(scalar)
    }
  }

  // MARK: Steps

  /// The place after `text`, if it comes next, blanks aside.
  private func end(of text: String, ignoringCase: Bool = false) -> Int? {
    var end = position
    while end < scalars.count, scalars[end] == " " { end += 1 }
    for expected in text.unicodeScalars {
      guard end < scalars.count else { return nil }
      let isSame =
        scalars[end] == expected
        || ignoringCase && scalars[end].isASCII && expected.isASCII
          && scalars[end].value | 0x20 == expected.value
      guard isSame else { return nil }
      end += 1
    }
    return end
  }

  /// Whether `text` comes next.
  func isAt(_ text: String) -> Bool { end(of: text) != nil }

  /// Whether one of these words, in small letters here, comes next in letters of any size.
  func isAt(word: String) -> Bool { end(of: word, ignoringCase: true) != nil }

  /// Steps over `text` if it comes next.
  mutating func take(_ text: String) -> Bool {
    guard let end = end(of: text) else { return false }
    position = end
    return true
  }

  /// Steps over the first of `texts` that comes next. Put those that begin others after them.
  mutating func take(anyOf texts: [String]) -> String? {
    texts.first { take($0) }
  }

  /// Steps over the first of these words, in small letters here, that comes next in letters of any
  /// size. Put those that begin others after them.
  mutating func take(anyWordOf words: [String]) -> Bool {
    for word in words {
      guard let end = end(of: word, ignoringCase: true) else { continue }
      position = end
      return true
    }
    return false
  }

  private var isAtBlank: Bool { position < scalars.count && scalars[position] == " " }

  /// Whether a digit comes next, blanks aside.
  var isAtDigit: Bool { isAt { "0"..."9" ~= $0 } }

  private func isAt(_ matches: (Unicode.Scalar) -> Bool) -> Bool {
    scalars[position...].first { $0 != " " }.map(matches) ?? false
  }

  /// Runs `body`, and steps back to where it began if that gives nil.
  mutating func attempt<Part>(_ body: (inout ChordReader) -> Part?) -> Part? {
    let start = self
    if let part = body(&self) { return part }
    self = start
    return nil
  }

  // MARK: Parts

  /// Steps over the blanks, parentheses, commas and slashes between two parts.
  mutating func stepToNextPart() throws(Unreadable) {
    let isStillThere = position == start
    isAfterSeparator = isAtBlank || isStillThere && isAfterSeparator
    isAfterSlashOrComma = isStillThere && isAfterSlashOrComma
    defer { start = position }
    while true {
      if let mark = take(anyOf: ["(", ")"]) {
        guard (mark == "(") != isInParentheses else { throw Unreadable() }
        isInParentheses = mark == "("
      } else if attempt({ $0.takeCommaOrSlash() && $0.isAtTone ? true : nil }) != nil {
        isAfterSlashOrComma = true
      } else {
        return
      }
      isAfterSeparator = true
    }
  }

  /// After a colon, a slash is always that of the bass.
  private mutating func takeCommaOrSlash() -> Bool { take(",") || !hasColon && take("/") }

  /// Whether what comes next can be a tone, and no note or closing parenthesis.
  private var isAtTone: Bool {
    isAt { "0"..."9" ~= $0 || "b#+-Δ(Mmjanos".unicodeScalars.contains($0) }
  }

  /// Fails unless everything has been read.
  mutating func finish() throws(Unreadable) {
    guard scalars[position...].allSatisfy({ $0 == " " }), !isInParentheses else {
      throw Unreadable()
    }
  }

  /// Steps over the colon of `C:min7`.
  mutating func takeColon() { hasColon = take(":") }

  mutating func note() throws(Unreadable) -> NoteName {
    let found = NoteName.Letter.allCases.first { take($0.rawValue) }
    guard let letter = found else { throw Unreadable() }
    var accidental = 0
    while accidental > -2, accidental <= 0, takeFlat() { accidental -= 1 }
    while accidental < 2, accidental >= 0, takeSharp() { accidental += 1 }
    return NoteName(letter, accidental: accidental)!
  }

  /// No quality begins with 3, so that the flat of Db3b6 is the third's. After a blank, a flat or
  /// a sharp is that of the quality: C b5.
  private mutating func takeFlat() -> Bool { !isAtBlank && !isAt("b3") && take("b") }

  private mutating func takeSharp() -> Bool { !isAtBlank && take("#") }

  /// The slash bass, if there is one. After a colon it may be an interval above the root: `/b3`.
  mutating func bass(above root: NoteName) throws(Unreadable) -> NoteName? {
    guard take("/") else { return nil }
    guard hasColon, !isAt({ "A"..."G" ~= $0 }) else { return try note() }
    guard let (degree, accidental) = takeDegree() else { throw Unreadable() }
    let fifths = [0, 2, 4, -1, 1, 3, 5][(degree - 1) % 7]
    return NoteName(fifths: root.fifths + fifths + 7 * accidental)
  }

  /// A degree above the root with the accidentals before it: `b3`, `13`.
  mutating func takeDegree() -> (degree: Int, accidental: Int)? {
    attempt { reader in
      let signs = reader.take(anyOf: ["bb", "##", "b", "#"]) ?? ""
      let number = reader.take(
        anyOf: ["11", "13", "1", "2", "3", "4", "5", "6", "7", "9"])
      return number.map { (Int($0)!, signs.hasPrefix("b") ? -signs.count : signs.count) }
    }
  }
}
