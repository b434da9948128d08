/// What who may see and steer a jam knows, and nobody guesses.
struct AccessToken: Hashable {
  let text: String

  /// 128 bits from the system's source of randomness.
  static func random() -> AccessToken {
    var source = SystemRandomNumberGenerator()
    let digits = (0..<32).map { _ in "0123456789abcdef".randomElement(using: &source) ?? "0" }
    return AccessToken(text: String(digits))
  }

  /// Takes equally long whatever the first difference is: time tells nothing.
  func isSame(as other: String) -> Bool {
    let (mine, theirs) = (Array(text.utf8), Array(other.utf8))
    guard mine.count == theirs.count else { return false }
    return zip(mine, theirs).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
