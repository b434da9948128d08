import AgentSettings
import Foundation
import Records
import TestSupport
import Testing

@Suite struct SettingsManualTests {
  private func page(_ name: String) throws -> [Substring] {
    let path = ToolRunner.root.appendingPathComponent("man/\(name)")
    return try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
  }

  @Test("jam-agent(1) lists every setting that changes while playing")
  func listsEverySetting() throws {
    let lines = try page("jam-agent.1")
    let start = try #require(lines.firstIndex(of: ".Sh SETTINGS WHILE PLAYING"))
    let listed = lines[start...].drop { !$0.hasPrefix("changes a setting") }
      .prefix { !$0.hasPrefix("Committed chords") }
      .filter { $0.hasPrefix(".Li ") }.map { String($0.split(separator: " ")[1]) }
    #expect(Set(listed) == Set(Settings.table.map(\.name)))
  }

  @Test("jam-agent(1) gives each option's range and default as the table has them")
  func givesRangesAndDefaults() throws {
    let lines = try page("jam-agent.1")
    func short(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }
    for setting in Settings.table {
      let start = try #require(
        lines.firstIndex { $0.hasPrefix(".It Fl -\(setting.optionName) ") }, "\(setting.name)")
      let item = lines[(start + 1)...].prefix { !$0.hasPrefix(".It ") }.joined(separator: " ")
      if let amount = setting.amount {
        let range = "\(short(amount.lowerBound)) to \(short(amount.upperBound))"
        // A plan bounds what can be committed.
        let isBoundByPlan = item.contains("\(short(amount.lowerBound)) to the lookahead")
        #expect(item.contains(range) || isBoundByPlan, "\(setting.name): \(range)")
      }
      if case .number(let value) = setting.value(in: Settings()) {
        #expect(item.contains("default is \(short(value))"), "\(setting.name)")
      }
    }
  }

  @Test("the settings record of jam-stream(5) has every setting")
  func recordHasEverySetting() throws {
    let text = try page("jam-stream.5").joined(separator: "\n")
    let start = try #require(text.range(of: #"{"t":0,"type":"settings","#)).lowerBound
    let example = text[start...].prefix { $0 != "}" } + "}"
    let line = example.replacingOccurrences(of: "\\e\n", with: "")
    guard case .settings(let settings) = try Record(parsing: Array(line.utf8)).event else {
      Issue.record("not a settings record: \(line)")
      return
    }
    #expect(settings.map(\.name) == Settings.table.map(\.name))
  }
}
