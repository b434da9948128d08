extension StringProtocol {
  /// The text as a terminal may get it: control characters, which would steer the terminal, are
  /// written as `\u{1b}`. What tools say of names and texts that are not their own goes through
  /// this.
  /// - Parameter keepingNewlines: whether newlines stay, in a message of several lines.
  public func printable(keepingNewlines: Bool = false) -> String {
    var text = ""
    for scalar in unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control
      if isControl, !(keepingNewlines && scalar == "\n") {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
