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
  /// The model before expert iteration, which often begins chords between beats.
  static let pretrained = shipped("pretrained")

  private static func shipped(_ name: String) -> Result<Model, any Error> {
    Result { try load(name) }
  }

  static func load(_ name: String) throws -> Model {
    try Model(
      path: ToolRunner.root.appendingPathComponent("Models/\(name).safetensors").path)
  }

  /// An agent that gets the same model for every name, except "none", which is missing.
  func agent(
    _ settings: Settings = Settings(), model: Result<Model, any Error> = Self.model
  ) throws -> Agent {
    // Few hypotheses take little time, and their number matters to none of these tests.
    var settings = settings
    settings.hypotheses = min(settings.hypotheses, 4)
    return try Agent(settings) { name in
      guard name != "none" else { throw ModelMissing() }
      return try model.get()
    }
  }

  private struct ModelMissing: Error {}

  /// The plans that an agent makes for a melody.
  func plans(
    _ settings: Settings, _ melody: [Record], model: Result<Model, any Error> = Self.model
  ) throws -> [Plan] {
    var agent = try agent(settings, model: model)
    return try melody.compactMap { try agent.answer($0) }
  }

  // MARK: Backends

  @Test("all backends give the same plans", arguments: Backend.all)
  func backendsGiveSamePlans(backend: Backend) throws {
    let path = ToolRunner.root.appendingPathComponent("Models/accompanist.safetensors").path
    let plans = try [.fastest, backend].map { backend in
      let model = try Model(path: path, backend: backend)
      var agent = try Agent(Settings(silence: 0, hypotheses: 4)) { _ in model }
      return try RandomMelody.records(frames: 40, seed: 5).compactMap { try agent.answer($0) }
    }
    #expect(plans[0] == plans[1])
  }

  // MARK: Committed chords

  @Test("committed chords never change, and every plan is complete", arguments: 0..<4)
  func keepsCommittedChords(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let melody = RandomMelody.records(frames: 70, changingSettings: true, using: &random)
    var settings = Settings(seed: Int(seed))
    settings.silence = Double.random(in: 0...10, using: &random)
    settings.lookahead = Double.random(in: 0.25...8, using: &random)
    settings.commit = Double.random(in: 0...settings.lookahead, using: &random)
    settings.hypotheses = Int.random(in: 1...6, using: &random)
    var committed: [Int: String] = [:]
    var commit = 0
    let printer = RecordPrinter()
    for plan in try plans(settings, melody) {
      #expect(
        plan.commit.rawValue >= commit && plan.commit > plan.frame && plan.until >= plan.commit)
      commit = plan.commit.rawValue
      expectComplete(plan)
      for chord in plan.chords {
        for frame in max(chord.from, plan.frame).rawValue..<chord.to.rawValue {
          if let symbol = committed[frame] { #expect(chord.symbol == symbol, "frame \(frame)") }
          if frame < commit { committed[frame] = chord.symbol }
        }
      }
      let line = printer.line(Record(time: .zero, event: .plan(plan)))
      #expect(line.count <= Limits.line)
    }
    #expect(!committed.isEmpty)
  }

  /// Expects that a plan's chords cover all its frames without a gap, and that its notes do not
  /// overlap.
  private func expectComplete(_ plan: Plan) {
    #expect(plan.chords.first.map { $0.from <= plan.frame } ?? false)
    #expect(plan.chords.last?.to == plan.until)
    for (chord, next) in zip(plan.chords, plan.chords.dropFirst()) {
      #expect(chord.to == next.from && chord.symbol != next.symbol)
    }
    for (note, next) in zip(plan.melody, plan.melody.dropFirst()) { #expect(note.to <= next.from) }
    #expect(
      plan.melody.allSatisfy { plan.frame <= $0.from && $0.from < $0.to && $0.to <= plan.until })
  }

  @Test("between commit and max_commit, chords with enough confidence are committed")
  func commitsByConfidence() throws {
    var settings = Settings(commit: 0.5, maxCommit: 3, silence: 0, hypotheses: 4)
    // How many frames each plan commits, by the least confidence.
    var committed: [Double: [Int]] = [:]
    for minConfidence in [0, 0.5, 1] {
      settings.minConfidence = minConfidence
      let plans = try plans(settings, RandomMelody.records(frames: 80, seed: 3)).dropFirst(20)
      committed[minConfidence] = plans.map { $0.frame.distance(to: $0.commit) }
    }
    #expect(committed[0]!.allSatisfy { $0 == 12 })
    #expect(committed[1]!.allSatisfy { $0 == 2 })
    #expect(committed[0.5]!.allSatisfy { 2...12 ~= $0 } && Set(committed[0.5]!).count > 2)
  }

  @Test("a chord that still sounds keeps its first frame in the next plan")
  func keepsFirstFrame() throws {
    let plans = try plans(
      Settings(lookahead: 1, commit: 0, silence: 0), RandomMelody.records(frames: 60, seed: 3))
    for (plan, next) in zip(plans, plans.dropFirst()) {
      let (current, following) = (plan.chords[0], next.chords[0])
      let goesOn = current.symbol == following.symbol
      #expect(following.from == (goesOn ? current.from : next.frame))
    }
  }

  // MARK: Determinism

  @Test("the same stream and seed give the same plans, another seed gives others")
  func sameSeedGivesSamePlans() throws {
    let melody = RandomMelody.records(frames: 60, seed: 1)
    var settings = Settings(lookahead: 2, commit: 1, silence: 2, seed: 7)
    let plans = try plans(settings, melody)
    #expect(try self.plans(settings, melody) == plans)
    settings.seed = 8
    #expect(try self.plans(settings, melody) != plans)
  }

  @Test("notes that are played later change no earlier plan")
  func plansIgnoreLaterNotes() throws {
    let (melody, other) = (
      RandomMelody.records(frames: 60, seed: 1), RandomMelody.records(frames: 60, seed: 2)
    )
    let settings = Settings(lookahead: 1, commit: 0, silence: 0)
    let until = melody.firstIndex { $0.event == .tick(Frame(30)) }!
    let otherFrom = other.firstIndex { $0.event == .tick(Frame(30)) }! + 1
    let mixed = melody[...until] + other[otherFrom...]
    let (plain, changed) = (try plans(settings, melody), try plans(settings, Array(mixed)))
    #expect(plain[...30] == changed[...30])
    #expect(plain[31...] != changed[31...])
  }

  /// Each case: the number of hypotheses, the share of the melody-only predictors, and whether the
  /// single hypothesis decides alone.
  @Test(
    "only a single hypothesis without predictors changes chords between beats",
    arguments: [(1, 0.0, true), (1, 0.5, false), (4, 0.0, false), (4, 1.0, false)])
  func changesOnBeats(hypotheses: Int, melodyOnly: Double, isAlone: Bool) throws {
    // The frames of all five sessions in which a chord enters after silence, or replaces another.
    var (entries, changes): (Set<Int>, Set<Int>) = ([], [])
    for seed in 1...5 as ClosedRange<UInt64> {
      var settings = Settings(
        lookahead: 0.25, commit: 0, silence: 0, temperature: 1, seed: Int(seed),
        hypotheses: hypotheses)
      settings.melodyOnly = melodyOnly
      let melody = RandomMelody.records(frames: 60, seed: 5)
      let chords = try plans(settings, melody, model: Self.pretrained).map { $0.chords[0] }
      let onsets = Set(chords.filter { $0.symbol != "N" }.map(\.from.rawValue))
      entries.insert(onsets.min()!)
      changes.formUnion(onsets.subtracting([onsets.min()!]))
    }
    #expect(entries.allSatisfy { $0 == 2 } == !isAlone)
    if !isAlone { #expect(changes.allSatisfy { $0.isMultiple(of: 4) }) }
    #expect(changes.count > 3)
  }

  // MARK: Listening period

  @Test(
    "the first chord enters on the first bar line after the listening period",
    arguments: [
      ("4/4", 0, 2, 16), ("4/4", 9, 4, 32), ("4/4", 16, 4, 32), ("3/4", 0, 8, 36),
      ("6/8", 0, 8, 48), ("6/8", 6, 1, 12), ("7/8", 0, 3, 14), ("5/4", 4, 4, 20),
    ])
  func listensFromFirstNote(
    meter: String, firstOnset: Int, silence: Double, entry: Int
  ) throws {
    let melody = RandomMelody.records(
      frames: entry + 4, meter: Meter(meter)!, firstOnset: firstOnset, seed: 4)
    let plans = try plans(Settings(lookahead: 2, commit: 0, silence: silence), melody)
    #expect(plans.map { $0.chords[0].symbol == "N" } == plans.map { $0.frame < Frame(entry) })
    // The tracker has followed the melody meanwhile, so the first chord is planned ahead.
    #expect(plans.first { $0.frame == Frame(entry - 2) }?.chords.last?.symbol != "N")
  }

  @Test("the first chord waits for a bar line even if the listening period is cut short")
  func waitsForBarLine() throws {
    var melody = RandomMelody.records(frames: 40, seed: 4)
    let tick = melody.firstIndex { $0.event == .tick(Frame(18)) }!
    let change = Event.set(name: "silence", value: .number(1))
    melody.insert(Record(time: melody[tick].time, event: change), at: tick)
    let plans = try plans(Settings(lookahead: 1, commit: 0, silence: 8), melody)
    #expect(plans.map { $0.chords[0].symbol == "N" } == (0..<40).map { $0 < 32 })
  }

  @Test(
    "without a listening period the first chord enters on the next eighth note",
    arguments: [(0, 2), (1, 2), (6, 8), (8, 10)])
  func entersOnEighth(firstOnset: Int, eighth: Int) throws {
    let melody = RandomMelody.records(frames: 20, firstOnset: firstOnset, seed: 4)
    let plans = try plans(Settings(lookahead: 1, commit: 0, silence: 0), melody)
    #expect(plans.map { $0.chords[0].symbol == "N" } == (0..<20).map { $0 < eighth })
  }
}

extension Agent {
  /// Takes up a record, and returns the plan if it is a tick.
  mutating func answer(_ record: Record) throws -> Plan? {
    guard case .plan(let plan) = try receive(record).plan?.event else { return nil }
    return plan
  }
}
