/// The signs of the chords style, which tell things apart without colour.
struct Glyphs: Hashable {
  /// Stands before a committed chord.
  var committed: String
  /// Stands before a tentative chord.
  var tentative: String
  /// The beat of the bar that began last, and every other beat.
  var beat: String
  var otherBeat: String
  /// Stands where there is nothing to show.
  var nothing: String
  var isASCII: Bool

  static let unicode = Glyphs(
    committed: "■", tentative: "□", beat: "●", otherBeat: "○", nothing: "–", isASCII: false)
  static let ascii = Glyphs(
    committed: "#", tentative: "?", beat: "*", otherBeat: ".", nothing: "-", isASCII: true)
}

/// The signs of the waterfall, each for one cell of the terminal.
struct RollGlyphs: Hashable {
  /// A committed tone that fills a cell, its upper half or its lower half.
  var committed: (full: Unicode.Scalar, upper: Unicode.Scalar, lower: Unicode.Scalar) {
    isASCII ? ("#", "#", "#") : ("█", "▀", "▄")
  }
  var tentative: Unicode.Scalar { isASCII ? ":" : "▒" }
  /// A note that the person plays.
  var person: Unicode.Scalar { isASCII ? "@" : "◆" }
  /// A note of the predicted melody.
  var predicted: Unicode.Scalar { isASCII ? "o" : "◇" }
  /// A bar line, in the middle of a cell and at its foot.
  var barLine: (middle: Unicode.Scalar, foot: Unicode.Scalar) { isASCII ? ("-", "_") : ("─", "▁") }
  var beatLine: Unicode.Scalar { isASCII ? "." : "·" }
  /// The end of what is committed, in the middle of a cell and at its foot.
  var boundary: (middle: Unicode.Scalar, foot: Unicode.Scalar) {
    isASCII ? ("=", "=") : ("━", "▂")
  }
  /// Marks each C, and the edges of white keys.
  var upright: Unicode.Scalar { isASCII ? "|" : "│" }
  var blackKey: Unicode.Scalar { isASCII ? "H" : "█" }
  /// Notes below and above the keys in sight.
  var below: Unicode.Scalar { isASCII ? "<" : "◂" }
  var above: Unicode.Scalar { isASCII ? ">" : "▸" }
  var isASCII: Bool

  /// The two dots of a cell in large letters: none, the upper, the lower, both.
  var dots: [Unicode.Scalar] { isASCII ? [" ", "\"", "_", "#"] : [" ", "▀", "▄", "█"] }
}
