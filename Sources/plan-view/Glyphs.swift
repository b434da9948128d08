/// The signs that tell committed from tentative, without colour.
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
