/// The text of an SVG document, with an element on each line.
struct SVGText {
  typealias Attributes = KeyValuePairs<String, String>

  private(set) var text = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
  private var open: [String] = []

  /// Begins an element around the next ones, up to `close()`.
  mutating func begin(_ name: String, _ attributes: Attributes = [:]) {
    line("<\(name)\(written(attributes))>")
    open.append(name)
  }

  mutating func close() {
    let name = open.removeLast()
    line("</\(name)>")
  }

  /// Adds an element. A browser shows its `title` where the pointer rests.
  mutating func add(
    _ name: String, _ attributes: Attributes = [:], text: String = "", title: String = ""
  ) {
    let title = title.isEmpty ? "" : "<title>\(escaped(title))</title>"
    let content = title + escaped(text)
    line(
      content.isEmpty
        ? "<\(name)\(written(attributes))/>"
        : "<\(name)\(written(attributes))>\(content)</\(name)>")
  }

  private mutating func line(_ line: String) {
    text += String(repeating: " ", count: open.count) + line + "\n"
  }

  private func written(_ attributes: Attributes) -> String {
    attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
  }
}

/// Text as XML has it. Characters that XML does not allow, such as control characters, are
/// replaced.
func escaped(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "&": escaped += "&amp;"
    case "\"": escaped += "&quot;"
    case "'": escaped += "&#39;"
    case "\t", "\n", "\r", "\u{20}"..."\u{7E}", "\u{A0}"..."\u{D7FF}", "\u{E000}"..."\u{FFFD}",
      "\u{10000}"..."\u{10FFFF}":
      escaped.unicodeScalars.append(scalar)
    default: escaped += "\u{FFFD}"
    }
  }
  return escaped
}
