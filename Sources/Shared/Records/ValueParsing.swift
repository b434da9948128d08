import JSONText
import Music

extension Meter {
  /// The meter that a text such as `4/4` or `3+2+2/8` gives; nil for any other text.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let denominator = Self.number(parts[1]) else { return nil }
    let groups = parts[0].split(separator: "+", omittingEmptySubsequences: false).map(Self.number)
    guard !groups.contains(nil) else { return nil }
    self.init(groups: groups.compactMap(\.self), denominator)
  }

  private static func number(_ text: some StringProtocol) -> Int? {
    text.utf8.allSatisfy(\.isDigit) ? Int(text) : nil
  }

  /// The meter as a record has it: `4/4`, or with its groups `3+2+2/8`.
  public var text: String {
    let groups = groups.isEmpty ? "\(numerator)" : groups.map { "\($0)" }.joined(separator: "+")
    return "\(groups)/\(denominator)"
  }
}

extension SettingValue {
  /// Nil for a value that no setting can have, and for a number beyond the range of a Double.
  init?(_ value: JSONValue, in line: UnsafeRawBufferPointer) {
    switch value.kind {
    case .number:
      let number = value.number(in: line)
      guard number.isFinite else { return nil }
      self = .number(number)
    case .string: self = .text(value.text(in: line))
    case .true: self = .flag(true)
    case .false: self = .flag(false)
    default: return nil
    }
  }
}
