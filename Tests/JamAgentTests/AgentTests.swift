import AgentSettings
import Foundation
import Music
import Records
import TestSupport
import Testing
import Transformer

@testable import jam_agent

@Suite struct AgentTests {
  static let model = shipped("accompanist")
  /// Which has not learned from an agent that nothing changes between beats.
  static let pretrained = shipped("pretrained")

  private static func shipped(_ name: String) -> Result<Model, any Error> {
    Result { try load(name) }
  }

  static func load(_ name: String) throws -> Model {
    try Model(
      path: ToolRunner.root.appendingPathComponent("Models/\(name).safetensors").path)
  }

  /// An agent with a shipped model, whatever model is asked for but one of no name.
  private func agent(
    _ settings: Settings = Settings(), model: Result<Model, any Error> = Self.model
  ) throws -> Agent {
    // Few minds think fast; how many there are matters to none of these tests.
    var settings = settings
    settings.hypotheses = min(settings.hypotheses, 4)
    return try Agent(settings) { name in
      guard name != "none" else { throw ModelMissing() }
      return try model.get()
    }
  }

  private struct ModelMissing: Error {}

  /// The plans that an agent makes of a melody.
  private func plans(
    _ settings: Settings, _ melody: [Record], model: Result<Model, any Error> = Self.model
  ) throws -> [Plan] {
    var agent = try agent(settings, model: model)
    return try melody.compactMap { try agent.answer($0) }
  }

  // MARK: The same everywhere

  @Test(arguments: Backend.all) func allBackendsMakeTheSamePlans(backend: Backend) throws {
    let path = ToolRunner.root.appendingPathComponent("Models/accompanist.safetensors").path
    let plans = try [.fastest, backend].map { backend in
      let model = try Model(path: path, backend: backend)
      var agent = try Agent(Settings(silence: 0, hypotheses: 4)) { _ in model }
      return try MadeMelody.records(frames: 40, seed: 5).compactMap { try agent.answer($0) }
    }
    #expect(plans[0] == plans[1])
  }

  // MARK: The promise

  @Test(arguments: 0..<4)
  func whatIsPromisedIsKept(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let melody = MadeMelody.records(frames: 70, changingSettings: true, using: &random)
    var settings = Settings(seed: Int(seed))
    settings.silence = Double.random(in: 0...10, using: &random)
    settings.lookahead = Double.random(in: 0.25...8, using: &random)
    settings.commit = Double.random(in: 0...settings.lookahead, using: &random)
    settings.hypotheses = Int.random(in: 1...6, using: &random)
    var promised: [Int: String] = [:]
    var commit = 0
    let printer = RecordPrinter()
    for plan in try plans(settings, melody) {
      #expect(
        plan.commit.rawValue >= commit && plan.commit > plan.frame && plan.until >= plan.commit)
      commit = plan.commit.rawValue
      checkThatItIsWhole(plan)
      for chord in plan.chords {
        for frame in max(chord.from, plan.frame).rawValue..<chord.to.rawValue {
          if let promise = promised[frame] { #expect(chord.symbol == promise, "frame \(frame)") }
          if frame < commit { promised[frame] = chord.symbol }
        }
      }
      let line = printer.line(Record(time: .zero, event: .plan(plan)))
      #expect(line.count <= Limits.line)
    }
    #expect(!promised.isEmpty)
  }

  /// The chords of a plan follow each other from its frame to its end, and so do its notes.
  private func checkThatItIsWhole(_ plan: Plan) {
    #expect(plan.chords.first.map { $0.from <= plan.frame } ?? false)
    #expect(plan.chords.last?.to == plan.until)
    for (chord, next) in zip(plan.chords, plan.chords.dropFirst()) {
      #expect(chord.to == next.from && chord.symbol != next.symbol)
    }
    for (note, next) in zip(plan.melody, plan.melody.dropFirst()) { #expect(note.to <= next.from) }
    #expect(
      plan.melody.allSatisfy { plan.frame <= $0.from && $0.from < $0.to && $0.to <= plan.until })
  }

  /// Between the least and the most that may be promised it is as much as is sure.
  @Test func moreIsPromisedWhereItIsSure() throws {
    var settings = Settings(commit: 0.5, maxCommit: 3, silence: 0, hypotheses: 4)
    var promised: [Double: [Int]] = [:]
    for least in [0, 0.5, 1] {
      settings.minConfidence = least
      let plans = try plans(settings, MadeMelody.records(frames: 80, seed: 3)).dropFirst(20)
      promised[least] = plans.map { $0.frame.distance(to: $0.commit) }
    }
    #expect(promised[0]!.allSatisfy { $0 == 12 })
    #expect(promised[1]!.allSatisfy { $0 == 2 })
    #expect(promised[0.5]!.allSatisfy { 2...12 ~= $0 } && Set(promised[0.5]!).count > 2)
  }

  @Test func aChordThatSoundsBeginsWhereItBegan() throws {
    let plans = try plans(
      Settings(lookahead: 1, commit: 0, silence: 0), MadeMelody.records(frames: 60, seed: 3))
    for (plan, next) in zip(plans, plans.dropFirst()) {
      let (current, following) = (plan.chords[0], next.chords[0])
      let goesOn = current.symbol == following.symbol
      #expect(following.from == (goesOn ? current.from : next.frame))
    }
  }

  // MARK: Sameness

  @Test func theSameStreamAndSeedMakeTheSamePlans() throws {
    let melody = MadeMelody.records(frames: 60, seed: 1)
    var settings = Settings(lookahead: 2, commit: 1, silence: 2, seed: 7)
    let plans = try plans(settings, melody)
    #expect(try self.plans(settings, melody) == plans)
    settings.seed = 8
    #expect(try self.plans(settings, melody) != plans)
  }

  @Test func whatIsPlayedLaterChangesNoEarlierPlan() throws {
    let (melody, other) = (
      MadeMelody.records(frames: 60, seed: 1), MadeMelody.records(frames: 60, seed: 2)
    )
    let settings = Settings(lookahead: 1, commit: 0, silence: 0)
    let until = melody.firstIndex { $0.event == .tick(Frame(30)) }!
    let otherFrom = other.firstIndex { $0.event == .tick(Frame(30)) }! + 1
    let mixed = melody[...until] + other[otherFrom...]
    let (plain, turned) = (try plans(settings, melody), try plans(settings, Array(mixed)))
    #expect(plain[...30] == turned[...30])
    #expect(plain[31...] != turned[31...])
  }

  @Test func anotherNetworkOfTheSameKindGoesOnAlike() throws {
    var melody = MadeMelody.records(frames: 80, seed: 5)
    var settings = Settings(lookahead: 1, commit: 0, silence: 0)
    settings.hypotheses = 1
    let plain = try plans(settings, melody)
    let middle = melody.firstIndex { $0.event == .tick(Frame(40)) }!
    let change = Event.set(name: "model", value: .text("another"))
    melody.insert(Record(time: melody[middle].time, event: change), at: middle)
    #expect(try plans(settings, melody) == plain)
  }

  @Test(arguments: [(1, 4), (4, 1), (2, 3)])
  func thereMayBeMoreMindsOrFewer(before: Int, after: Int) throws {
    var melody = MadeMelody.records(frames: 40, seed: 5)
    let middle = melody.firstIndex { $0.event == .tick(Frame(20)) }!
    let change = Event.set(name: "hypotheses", value: .number(Double(after)))
    melody.insert(Record(time: melody[middle].time, event: change), at: middle)
    var settings = Settings(lookahead: 1, commit: 0, silence: 0)
    settings.hypotheses = before
    let plans = try plans(settings, melody)
    #expect(plans.count == 40)
    #expect(try plans[..<20] == self.plans(settings, MadeMelody.records(frames: 20, seed: 5))[...])
  }

  /// Where chords come in after silence, and where they take the place of others, in five sessions.
  @Test(arguments: [(1, 0.0, true), (1, 0.5, false), (4, 0.0, false), (4, 1.0, false)])
  func onlyASingleMindDoesNotWaitForBeats(minds: Int, share: Double, isAlone: Bool) throws {
    var (entries, changes): (Set<Int>, Set<Int>) = ([], [])
    for seed in 1...5 as ClosedRange<UInt64> {
      var settings = Settings(
        lookahead: 0.25, commit: 0, silence: 0, temperature: 1, seed: Int(seed), hypotheses: minds)
      settings.melodyOnly = share
      let melody = MadeMelody.records(frames: 60, seed: 5)
      let chords = try plans(settings, melody, model: Self.pretrained).map { $0.chords[0] }
      let begun = Set(chords.filter { $0.symbol != "N" }.map(\.from.rawValue))
      entries.insert(begun.min()!)
      changes.formUnion(begun.subtracting([begun.min()!]))
    }
    #expect(entries.allSatisfy { $0 == 2 } == !isAlone)
    if !isAlone { #expect(changes.allSatisfy { $0.isMultiple(of: 4) }) }
    #expect(changes.count > 3)
  }

  // MARK: Silence

  /// And comes in on a beat.
  @Test(arguments: [9, 12])
  func itListensFromTheFirstNoteOn(firstOnset: Int) throws {
    let melody = MadeMelody.records(frames: 50, firstOnset: firstOnset, seed: 4)
    let plans = try plans(Settings(lookahead: 2, commit: 0, silence: 4), melody)
    for plan in plans where plan.frame < Frame(28) { #expect(plan.chords[0].symbol == "N") }
    // It has harmonised to itself what it heard, and goes on from there.
    #expect(plans[28].chords[0].symbol != "N" && plans[26].chords.last?.symbol != "N")
  }

  /// However short it becomes on the way.
  @Test func whoListensWaitsForABeat() throws {
    var melody = MadeMelody.records(frames: 30, seed: 4)
    let tick = melody.firstIndex { $0.event == .tick(Frame(18)) }!
    let change = Event.set(name: "silence", value: .number(1))
    melody.insert(Record(time: melody[tick].time, event: change), at: tick)
    let plans = try plans(Settings(lookahead: 1, commit: 0, silence: 8), melody)
    #expect(plans.map { $0.chords[0].symbol == "N" } == (0..<30).map { $0 < 20 })
  }

  @Test(arguments: [(0, 2), (1, 2), (6, 8), (8, 10)])
  func withoutSilenceItPlaysFromTheNextEighthOn(firstOnset: Int, eighth: Int) throws {
    let melody = MadeMelody.records(frames: 20, firstOnset: firstOnset, seed: 4)
    let plans = try plans(Settings(lookahead: 1, commit: 0, silence: 0), melody)
    #expect(plans.map { $0.chords[0].symbol == "N" } == (0..<20).map { $0 < eighth })
  }

  // MARK: Settings

  @Test func settingsChangeWhilePlaying() throws {
    var agent = try agent(Settings(commit: 2, silence: 0))
    var plan: Plan?
    for record in MadeMelody.records(frames: 20, seed: 1) {
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
    // What was promised before stays promised.
    #expect(plan?.commit == Frame(19 + 8))
  }

  @Test(arguments: [
    (
      "temperature", SettingValue.number(4),
      "cannot set temperature: expected a number 0.0 to 3.0, found 4.0"
    ),
    (
      "lookahead", .text("far"),
      "cannot set lookahead: expected a number 0.25 to 8.0, found \"far\""
    ),
    ("model", .flag(true), "cannot set model: expected a name or a path, found true"),
  ])
  func whatCannotBeSetIsToldAndLeft(name: String, value: SettingValue, message: String) throws {
    var agent = try agent()
    #expect(
      try agent.receive(Record(time: .zero, event: .set(name: name, value: value))).advice
        == message)
    #expect(agent.settings == Settings(hypotheses: 4))
  }

  @Test func anUnknownSettingIsSomebodyElses() throws {
    var agent = try agent()
    let view = Record(time: .zero, event: .set(name: "view.colour", value: .text("red")))
    #expect(try agent.receive(view).advice == nil)
  }

  @Test func aMissingModelLeavesTheOldOne() throws {
    var agent = try agent()
    let change = Record(time: .zero, event: .set(name: "model", value: .text("none")))
    #expect(try agent.receive(change).advice != nil)
    #expect(agent.settings.model == Settings().model)
  }

  @Test func aModelOfOtherChordsIsRefused() throws {
    // The same weights, whose first two qualities have changed their names.
    let other = try Self.model(#"[\"\", \"m\","#, as: #"[\"m\", \"\","#)
    let model = try Self.model.get()
    var agent = try Agent(Settings(hypotheses: 1)) { $0 == "other" ? other : model }
    for record in MadeMelody.records(frames: 12, seed: 5) { _ = try agent.answer(record) }
    let change = Record(time: .zero, event: .set(name: "model", value: .text("other")))
    let advice = "cannot set model: other knows other chords than accompanist"
    #expect(try agent.receive(change).advice == advice)
    #expect(agent.settings.model == "accompanist")
    let tick = Record(time: Microseconds(1_500_000), event: .tick(Frame(12)))
    #expect(try agent.answer(tick) != nil)
  }

  @Test func aModelThatNeverLearnedToListenSoGoesWithoutEars() throws {
    let model = try Self.model(#""hears_untold":"true""#, as: #""hears_untold":"none""#)
    let plans = try [0.8, 0].map { share in
      let settings = Settings(silence: 0, hypotheses: 2, melodyOnly: share)
      var agent = try Agent(settings) { _ in model }
      return try MadeMelody.records(frames: 24, seed: 5).compactMap { try agent.answer($0) }
    }
    #expect(plans[0] == plans[1])
  }

  /// The shipped model with other words in its metadata, as many bytes long.
  private static func model(_ words: String, as others: String) throws -> Model {
    let path = ToolRunner.root.appendingPathComponent("Models/accompanist.safetensors")
    var content = try Data(contentsOf: path)
    content.replaceSubrange(
      try #require(content.firstRange(of: Data(words.utf8))), with: Data(others.utf8))
    return try ToolRunner.withTemporaryFolder { folder in
      let other = folder.appendingPathComponent("other.safetensors")
      try content.write(to: other)
      return try Model(path: other.path)
    }
  }

  // MARK: Ticks

  @Test func ticksThatGoBackAreRefused() throws {
    var agent = try agent()
    _ = try agent.receive(Record(time: .zero, event: .tick(Frame(5))))
    #expect(throws: AgentError.self) {
      try agent.receive(Record(time: .zero, event: .tick(Frame(5))))
    }
  }

  @Test func aCountInIsNotPlannedFor() throws {
    let melody = (-8..<4).map { frame in
      Record(time: Microseconds(Int64(frame + 8) * 125_000), event: .tick(Frame(frame)))
    }
    #expect(try plans(Settings(), melody).map(\.frame) == [Frame(0), Frame(1), Frame(2), Frame(3)])
  }

  @Test func aPickupInTheCountInIsHeard() throws {
    var agent = try agent(Settings(silence: 1))
    var frames: [Frame] = []
    for frame in -8..<4 {
      let time = Microseconds(Int64(frame + 8) * 125_000)
      if let plan = try agent.answer(Record(time: time, event: .tick(Frame(frame)))) {
        frames.append(plan.frame)
      }
      guard frame == -4 else { continue }
      let note = Note(channel: Channel(1)!, pitch: Pitch(67)!, velocity: Velocity(80)!)
      _ = try agent.receive(Record(time: time + Microseconds(10), event: .message(.noteOn(note))))
    }
    #expect(frames.first == Frame(-3))
  }

  @Test(arguments: [2, 100, 5_000, 900_000_000, Limits.frame.upperBound - 1])
  func aGapIsNoTrouble(gap: Int) throws {
    var agent = try agent(Settings(silence: 1))
    _ = try agent.answer(Record(time: .zero, event: .tick(Frame(0))))
    let note = Note(channel: Channel(1)!, pitch: Pitch(67)!, velocity: Velocity(80)!)
    _ = try agent.receive(Record(time: Microseconds(10), event: .message(.noteOn(note))))
    _ = try agent.answer(Record(time: Microseconds(125_000), event: .tick(Frame(1))))
    let plan = try #require(
      try agent.answer(Record(time: Microseconds(1_000_000), event: .tick(Frame(gap)))))
    #expect(plan.frame == Frame(gap))
    #expect(plan.chords.last?.to == plan.until)
    // Its own reader takes the plan, at the end of all frames too.
    let line = RecordPrinter().line(Record(time: .zero, event: .plan(plan)))
    #expect(throws: Never.self) { try Record(parsing: line) }
  }

  @Test func otherGridsAreRefused() throws {
    var agent = try agent()
    let header = Header(framesPerBeat: 6, producer: "test", source: "")
    #expect(throws: AgentError.self) {
      try agent.receive(Record(time: .zero, event: .header(header)))
    }
  }
}

extension Agent {
  /// Takes up a record, and gives the plan if it was a tick.
  mutating func answer(_ record: Record) throws -> Plan? {
    guard case .plan(let plan) = try receive(record).plan?.event else { return nil }
    return plan
  }
}
