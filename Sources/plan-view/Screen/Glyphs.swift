/// The signs that tell things apart without colour.
struct Glyphs: Hashable {
  /// Before a chord that the agent has promised.
  var committed: String
  /// Before a chord that it intends now and may still change.
  var tentative: String
  /// The beat that began last among the bar's, and the others.
  var beat: String
  var otherBeat: String
  /// Where there is nothing to show.
  var nothing: String
  var isASCII: Bool

  static let unicode = Glyphs(
    committed: "■", tentative: "□", beat: "●", otherBeat: "○", nothing: "–", isASCII: false)
  static let ascii = Glyphs(
    committed: "#", tentative: "?", beat: "*", otherBeat: ".", nothing: "-", isASCII: true)
}

/// The signs of the roll, each for one place of the terminal.
struct RollGlyphs: Hashable {
  /// A promised tone that takes all of a place, its upper half, its lower half.
  var committed: (full: Unicode.Scalar, upper: Unicode.Scalar, lower: Unicode.Scalar) {
    isASCII ? ("#", "#", "#") : ("█", "▀", "▄")
  }
  var tentative: Unicode.Scalar { isASCII ? ":" : "▒" }
  /// What the person plays, and what the agent expects.
  var person: Unicode.Scalar { isASCII ? "@" : "◆" }
  var imagined: Unicode.Scalar { isASCII ? "o" : "◇" }
  /// Lines across, in the middle of a place and at its foot.
  var barLine: (middle: Unicode.Scalar, foot: Unicode.Scalar) { isASCII ? ("-", "_") : ("─", "▁") }
  var beatLine: Unicode.Scalar { isASCII ? "." : "·" }
  var boundary: (middle: Unicode.Scalar, foot: Unicode.Scalar) {
    isASCII ? ("=", "=") : ("━", "▂")
  }
  /// At each C, and between white keys.
  var upright: Unicode.Scalar { isASCII ? "|" : "│" }
  var blackKey: Unicode.Scalar { isASCII ? "H" : "█" }
  /// Notes beyond the edges.
  var below: Unicode.Scalar { isASCII ? "<" : "◂" }
  var above: Unicode.Scalar { isASCII ? ">" : "▸" }
  var isASCII: Bool

  /// Dots of large letters: none, upper, lower, both.
  var dots: [Unicode.Scalar] { isASCII ? [" ", "\"", "_", "#"] : [" ", "▀", "▄", "█"] }
}
