import Music

extension Microseconds {
  /// `1.250`, in milliseconds.
  var milliseconds: String {
    let (whole, rest) = rawValue.magnitude.quotientAndRemainder(dividingBy: 1000)
    let digits = String(rest)
    return (rawValue < 0 ? "-" : "") + "\(whole)."
      + String(repeating: "0", count: 3 - digits.utf8.count) + digits
  }

  /// `1.25`, in milliseconds, without zeros at the end.
  var shortMilliseconds: String {
    var text = milliseconds
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// Nil for negative times, and for times of more than some days.
  init?(milliseconds: Double) {
    guard 0...1e9 ~= milliseconds else { return nil }
    self.init(Int64((milliseconds * 1000).rounded()))
  }
}

extension String {
  enum Side { case left, right }

  /// The string, filled with spaces up to a width.
  func aligned(_ side: Side, _ width: Int) -> String {
    let space = String(repeating: " ", count: max(0, width - count))
    return side == .left ? self + space : space + self
  }

  /// The string without spaces at the end.
  var trimmingEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
