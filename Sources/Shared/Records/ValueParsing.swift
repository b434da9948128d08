import JSONText
import Music

extension Meter {
  /// The meter that a text such as "4/4" gives; nil for any other text.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy(\.isDigit) }),
      let numerator = Int(parts[0]), let denominator = Int(parts[1])
    else { return nil }
    self.init(numerator, denominator)
  }

  /// The meter as a record has it: "4/4".
  public var text: String { "\(numerator)/\(denominator)" }
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
