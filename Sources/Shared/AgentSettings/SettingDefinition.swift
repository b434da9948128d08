import Records

/// One setting of the agent: a row of `Settings.table`.
public struct SettingDefinition: Sendable {
  /// What a setting can be, and the property that holds it.
  public enum Domain: Sendable {
    /// A number within a range.
    case number(WritableKeyPath<Settings, Double> & Sendable, ClosedRange<Double>)
    /// A whole number within a range; a fraction is rounded down.
    case count(WritableKeyPath<Settings, Int> & Sendable, ClosedRange<Int>)
    /// A whole number within a range that tells variants apart, and is no amount.
    case seed(WritableKeyPath<Settings, Int> & Sendable, ClosedRange<Int>)
    /// A text that is not empty.
    case text(WritableKeyPath<Settings, String> & Sendable)
  }

  /// The name in `set` and `settings` records, such as `max_commit`.
  public let name: String
  /// What it sets, with its unit: one sentence.
  public let summary: String
  public let domain: Domain

  init(_ name: String, _ summary: String, _ domain: Domain) {
    (self.name, self.summary, self.domain) = (name, summary, domain)
  }

  /// The name of the option of jam-agent, such as `max-commit` for `max_commit`.
  public var optionName: String {
    String(name.map { $0 == "_" ? "-" : $0 })
  }

  /// The numbers that it can be; nil for a text.
  public var range: ClosedRange<Double>? {
    switch domain {
    case .number(_, let range): range
    case .count(_, let range), .seed(_, let range):
      Double(range.lowerBound)...Double(range.upperBound)
    case .text: nil
    }
  }

  /// The range of an amount, which a slider can show; nil for a text or a seed.
  public var amount: ClosedRange<Double>? {
    if case .seed = domain { nil } else { range }
  }

  /// What its value is expected to be, for messages: `a number 0.25 to 8.0`.
  var expectation: String {
    range.map { "a number \($0.lowerBound) to \($0.upperBound)" } ?? "a name or a path"
  }

  /// Its value in some settings.
  public func value(in settings: Settings) -> SettingValue {
    switch domain {
    case .number(let property, _): .number(settings[keyPath: property])
    case .count(let property, _), .seed(let property, _):
      .number(Double(settings[keyPath: property]))
    case .text(let property): .text(settings[keyPath: property])
    }
  }

  /// Gives it a value. Throws, and changes nothing, if the value is of another type or out of
  /// range.
  public func set(_ value: SettingValue, in settings: inout Settings) throws(SettingError) {
    switch (domain, value) {
    case (.number(let property, let range), .number(let number)) where range.contains(number):
      settings[keyPath: property] = number
    case (.count(let property, _), .number(let number)) where range!.contains(number),
      (.seed(let property, _), .number(let number)) where range!.contains(number):
      settings[keyPath: property] = Int(number)
    case (.text(let property), .text(let text)) where !text.isEmpty:
      settings[keyPath: property] = text
    default: throw SettingError(self, value)
    }
  }
}
