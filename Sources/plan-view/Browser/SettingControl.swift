import AgentSettings
import JSONText
import Records

/// A setting of the agent that the page shows and changes: a slider for an amount, a field for a
/// text.
///
/// Everything about it follows from the setting's row in `Settings.table`.
struct SettingControl {
  let setting: SettingDefinition

  /// In the order of the table. The page has no control for the seed.
  static let all = Settings.table.filter { $0.amount != nil || $0.range == nil }
    .map { SettingControl(setting: $0) }

  static let names = Set(all.map(\.setting.name))

  /// What the page needs to make its controls.
  static func all(canSet: Bool) -> JSON {
    ["canSet": .flag(canSet), "settings": .list(all.map(\.json))]
  }

  private var json: JSON {
    let (name, help) = (JSON.text(setting.name), JSON.text(setting.summary))
    let label = JSON.text(String(setting.name.map { $0 == "_" ? " " : $0 }))
    guard let range = setting.amount else { return ["name": name, "label": label, "help": help] }
    return [
      "name": name, "label": label, "help": help, "from": .number(range.lowerBound),
      "to": .number(range.upperBound), "step": .number(step(range)),
    ]
  }

  /// How far the slider moves at a time.
  private func step(_ range: ClosedRange<Double>) -> Double {
    if case .count = setting.domain { return 1 }
    return range.upperBound > 10 ? 1 : range.upperBound > 4 ? 0.25 : 0.01
  }
}
