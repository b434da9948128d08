/// Makes text of the stream safe to show: a name in a recording must not steer the terminal.
struct DisplayText {
  /// Whether the output shows ASCII only.
  var isASCII = false

  /// The text on one line, without control characters, at most `columns` wide.
  func shown(_ text: String, columns: Int) -> String {
    var shown = String.UnicodeScalarView()
    var width = 0
    for scalar in text.unicodeScalars {
      let safe = replacement(scalar)
      width += columnCount(safe)
      guard width <= columns else { return cut(shown, columns: columns) }
      shown.append(safe)
    }
    return String(shown)
  }

  /// A chord symbol as lead sheets have it: `Am7`, or `N.C.` for no chord.
  func chord(_ symbol: String) -> String {
    symbol == "N" ? "N.C." : shown(symbol, columns: 16)
  }

  private func cut(_ scalars: String.UnicodeScalarView, columns: Int) -> String {
    let mark: Unicode.Scalar = isASCII ? "~" : "…"
    var left = scalars
    while left.reduce(1, { $0 + columnCount($1) }) > columns, !left.isEmpty { left.removeLast() }
    left.append(mark)
    return String(left)
  }

  private func replacement(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F ? "?" : scalar }
    if isASCII { return "?" }
    switch scalar.properties.generalCategory {
    // Some format characters would reverse the direction of the text after them.
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      return "\u{FFFD}"
    default: return scalar
    }
  }
}

/// How many columns of a terminal a text takes.
func columnCount(_ text: String) -> Int {
  text.unicodeScalars.reduce(0) { $0 + columnCount($1) }
}

func columnCount(_ scalar: Unicode.Scalar) -> Int {
  if scalar.isASCII { return 1 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: break
  }
  guard scalar.value >= wideRanges[0].lowerBound else { return 1 }
  let isWide = wideRanges.contains { $0.contains(scalar.value) }
  return isWide ? 2 : 1
}

/// The scalars of East Asian scripts and the pictographs, which take two columns.
private let wideRanges: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
  0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
]

/// A number without needless zeros: 120, 2.5.
func decimal(_ value: Double, places: Int) -> String {
  let scale = Array(repeating: 10.0, count: places).reduce(1, *)
  let scaled = Int((value.magnitude * scale).rounded())
  var text = "\(scaled / Int(scale))"
  var fraction = String(scaled % Int(scale))
  fraction = String(repeating: "0", count: places - fraction.count) + fraction
  while fraction.last == "0" { fraction.removeLast() }
  if !fraction.isEmpty { text += "." + fraction }
  return value < 0 && scaled != 0 ? "-" + text : text
}
