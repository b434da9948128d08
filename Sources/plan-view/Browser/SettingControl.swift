import AgentSettings
import Records

/// A setting of the agent that the page shows and changes: a slider, or a field for a text.
struct SettingControl {
  let name: String
  /// Nil for a text.
  let range: ClosedRange<Double>?

  /// In the order in which the page shows them.
  static let all =
    Settings.ranges.map { SettingControl(name: $0, range: $1) }
    + [SettingControl(name: "model", range: nil)]

  static let names = Set(all.map(\.name))

  /// What the page needs to make its controls.
  static func all(canSet: Bool) -> JSON {
    ["canSet": .flag(canSet), "settings": .list(all.map(\.json))]
  }

  private var json: JSON {
    let label = JSON.text(String(name.map { $0 == "_" ? " " : $0 }))
    guard let range else { return ["name": .text(name), "label": label] }
    return [
      "name": .text(name), "label": label, "from": .number(range.lowerBound),
      "to": .number(range.upperBound), "step": .number(step(range)),
    ]
  }

  /// How far a slider moves at a time.
  private func step(_ range: ClosedRange<Double>) -> Double {
    if name == "hypotheses" || range.upperBound > 10 { return 1 }
    return range.upperBound > 4 ? 0.25 : 0.01
  }
}
