import AgentSettings
import ArgumentParser
import Records

/// The options of the agent's settings, one for each row of `Settings.table`.
///
/// ArgumentParser finds a command's options by reflection. These are made from the table instead of
/// being declared as properties, so that a setting cannot lack its option.
struct SettingOptions: ParsableArguments, CustomReflectable {
  private(set) var settings = Settings()

  init() {}

  init(from decoder: any Decoder) throws {
    let options = try decoder.container(keyedBy: Key.self)
    for setting in Settings.table {
      let option = try options.decode(Option<String>.self, forKey: Key(stringValue: setting.name))
      try setting.set(setting.parse(option.wrappedValue), in: &settings)
    }
  }

  var customMirror: Mirror {
    Mirror(self, children: Settings.table.map { ($0.name, $0.option) })
  }

  private struct Key: CodingKey {
    let stringValue: String
    init(stringValue: String) { self.stringValue = stringValue }

    var intValue: Int? { nil }
    init?(intValue: Int) { nil }
  }
}

extension SettingDefinition {
  fileprivate var option: Option<String> {
    let initial = text(of: value(in: Settings()))
    let bounds = range.map { ": \(short($0.lowerBound)) to \(short($0.upperBound))" } ?? ""
    let help = "\(summary.dropLast())\(bounds). (default: \(initial))"
    return Option(
      wrappedValue: initial, name: .customLong(optionName),
      help: ArgumentHelp(help),
      transform: { text in
        do throws(SettingError) {
          var settings = Settings()
          try set(parse(text), in: &settings)
          return text
        } catch {
          throw ValidationError(error.reason)
        }
      })
  }

  /// The value that a text stands for: of a number that cannot be read, the text itself.
  fileprivate func parse(_ text: String) -> SettingValue {
    guard range != nil, let number = Double(text) else { return .text(text) }
    return .number(number)
  }

  private func text(of value: SettingValue) -> String {
    switch value {
    case .number(let number): short(number)
    case .text(let text): text
    case .flag(let flag): "\(flag)"
    }
  }

  /// A number without a needless fraction: 8, 0.25.
  private func short(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
