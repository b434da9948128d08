/// The secret that a browser on another machine needs to see and control the session.
struct AccessToken: Hashable {
  let text: String

  /// 128 bits from the system's source of random numbers.
  static func random() -> AccessToken {
    var source = SystemRandomNumberGenerator()
    let digits = (0..<32).map { _ in "0123456789abcdef".randomElement(using: &source) ?? "0" }
    return AccessToken(text: String(digits))
  }

  /// Compares in a time that does not depend on where the texts differ, so that timing reveals
  /// nothing.
  func isSame(as other: String) -> Bool {
    let (mine, theirs) = (Array(text.utf8), Array(other.utf8))
    guard mine.count == theirs.count else { return false }
    return zip(mine, theirs).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
