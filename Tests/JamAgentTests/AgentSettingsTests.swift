import AgentSettings
import Foundation
import Music
import Records
import TestSupport
import Testing
import Transformer

@testable import jam_agent

/// What `set` records do.
extension AgentTests {
  @Test("set records change settings, and leave committed chords as they are")
  func appliesSetRecords() throws {
    var agent = try agent(Settings(commit: 2, silence: 0))
    var plan: Plan?
    for record in RandomMelody.records(frames: 20, seed: 1) {
      plan = try agent.answer(record) ?? plan
    }
    #expect(plan?.until == plan.map { $0.frame + 16 })
    for (name, value) in [("lookahead", 6.0), ("commit", 1.0), ("temperature", 0), ("top_p", 0.5)] {
      #expect(
        try agent.receive(Record(time: .zero, event: .set(name: name, value: .number(value))))
          .advice == nil)
    }
    #expect(
      agent.settings
        == Settings(
          lookahead: 6, commit: 1, silence: 0, temperature: 0, topP: 0.5, hypotheses: 4))
    plan = try agent.answer(Record(time: Microseconds(10_000_000), event: .tick(Frame(21))))
    #expect(plan?.until == Frame(21 + 24))
    // What was committed before stays committed.
    #expect(plan?.commit == Frame(19 + 8))
  }

  @Test(
    "an invalid value is reported and changes nothing",
    arguments: [
      (
        "temperature", SettingValue.number(4),
        "cannot set temperature: expected a number 0.0 to 3.0, found 4.0"
      ),
      (
        "lookahead", .text("far"),
        "cannot set lookahead: expected a number 0.25 to 8.0, found \"far\""
      ),
      ("model", .flag(true), "cannot set model: expected a name or a path, found true"),
      (
        "commit", .number(5),
        "cannot set commit: commit would be 5.0 beats, which is more than lookahead, 4.0 beats"
      ),
      (
        "lookahead", .number(0.5),
        "cannot set lookahead: commit would be 1.0 beats, which is more than lookahead, 0.5 beats"
      ),
    ])
  func reportsInvalidValues(name: String, value: SettingValue, message: String) throws {
    var agent = try agent()
    #expect(
      try agent.receive(Record(time: .zero, event: .set(name: name, value: value))).advice
        == message)
    #expect(agent.settings == Settings(hypotheses: 4))
  }

  @Test("a set record of another tool is ignored")
  func ignoresOtherSettings() throws {
    var agent = try agent()
    let view = Record(time: .zero, event: .set(name: "view.colour", value: .text("red")))
    #expect(try agent.receive(view).advice == nil)
  }

  @Test("a missing model is reported, and the old one stays")
  func keepsModelIfMissing() throws {
    var agent = try agent()
    let change = Record(time: .zero, event: .set(name: "model", value: .text("none")))
    #expect(try agent.receive(change).advice != nil)
    #expect(agent.settings.model == Settings().model)
  }

  @Test("a model with other chords is refused")
  func refusesOtherVocabulary() throws {
    // The same weights; the first two qualities have exchanged their names.
    let other = try Self.model(#"[\"\", \"m\","#, as: #"[\"m\", \"\","#)
    let model = try Self.model.get()
    var agent = try Agent(Settings(hypotheses: 1)) { $0 == "other" ? other : model }
    for record in RandomMelody.records(frames: 12, seed: 5) { _ = try agent.answer(record) }
    let change = Record(time: .zero, event: .set(name: "model", value: .text("other")))
    let advice = "cannot set model: other knows other chords than accompanist"
    #expect(try agent.receive(change).advice == advice)
    #expect(agent.settings.model == "accompanist")
    let tick = Record(time: Microseconds(1_500_000), event: .tick(Frame(12)))
    #expect(try agent.answer(tick) != nil)
  }

  @Test("a model that was trained without chord dropout has no melody-only predictors")
  func predictorsNeedChordDropout() throws {
    let model = try Self.model(#""hears_untold":"true""#, as: #""hears_untold":"none""#)
    let plans = try [0.8, 0].map { melodyOnly in
      let settings = Settings(silence: 0, hypotheses: 2, melodyOnly: melodyOnly)
      var agent = try Agent(settings) { _ in model }
      return try RandomMelody.records(frames: 24, seed: 5).compactMap { try agent.answer($0) }
    }
    #expect(plans[0] == plans[1])
  }

  @Test("another name for the same model changes no plan")
  func renamedModelGivesSamePlans() throws {
    var melody = RandomMelody.records(frames: 80, seed: 5)
    var settings = Settings(lookahead: 1, commit: 0, silence: 0)
    settings.hypotheses = 1
    let plain = try plans(settings, melody)
    let middle = melody.firstIndex { $0.event == .tick(Frame(40)) }!
    let change = Event.set(name: "model", value: .text("another"))
    melody.insert(Record(time: melody[middle].time, event: change), at: middle)
    #expect(try plans(settings, melody) == plain)
  }

  @Test(
    "the number of hypotheses can change while the agent plays",
    arguments: [(1, 4), (4, 1), (2, 3)])
  func changesHypotheses(before: Int, after: Int) throws {
    var melody = RandomMelody.records(frames: 40, seed: 5)
    let middle = melody.firstIndex { $0.event == .tick(Frame(20)) }!
    let change = Event.set(name: "hypotheses", value: .number(Double(after)))
    melody.insert(Record(time: melody[middle].time, event: change), at: middle)
    var settings = Settings(lookahead: 1, commit: 0, silence: 0)
    settings.hypotheses = before
    let plans = try plans(settings, melody)
    #expect(plans.count == 40)
    #expect(
      try plans[..<20] == self.plans(settings, RandomMelody.records(frames: 20, seed: 5))[...])
  }

  /// The shipped model, in whose metadata `text` is replaced by `other`, which has as many bytes.
  private static func model(_ text: String, as other: String) throws -> Model {
    let path = ToolRunner.root.appendingPathComponent("Models/accompanist.safetensors")
    var content = try Data(contentsOf: path)
    content.replaceSubrange(
      try #require(content.firstRange(of: Data(text.utf8))), with: Data(other.utf8))
    return try ToolRunner.withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("other.safetensors")
      try content.write(to: file)
      return try Model(path: file.path)
    }
  }
}
