import AgentSettings
import Chords
import Foundation
import Music
import Records
import TestSupport
import Testing
import Transformer

@testable import jam_agent

/// A tune, and the chords that the reference implementation in Training plays to it.
private struct AccompaniedCase: Decodable {
  var stream: [String]
  var hypotheses: Int
  var seed: UInt64
  /// The share of the votes that the melody-only predictors have.
  var melodyOnlyShare: Double
  var temperature: Double
  /// How far ahead chords are committed, in frames.
  var commit: Int
  /// How far ahead chords are planned, in frames.
  var lookahead: Int
  /// The root, quality and bass of each frame's chord.
  var chords: [[Int]]

  private enum CodingKeys: String, CodingKey {
    case stream, hypotheses, seed, temperature, commit, lookahead, chords
    case melodyOnlyShare = "ear"
  }

  static func recorded() throws -> [AccompaniedCase] {
    let path = ToolRunner.root.appendingPathComponent("Tests/Fixtures/accompanied.json")
    return try JSONDecoder().decode([AccompaniedCase].self, from: Data(contentsOf: path))
  }
}

@Suite struct HarmonyTrackerTests {
  @Test("the agent plays the same chords as the reference implementation")
  func matchesReference() throws {
    let model = try AgentTests.model.get()
    for accompanied in try AccompaniedCase.recorded() {
      let expected = accompanied.chords.map {
        "\(model.vocabulary.symbol(for: .init(root: $0[0], quality: $0[1], bass: $0[2])))"
      }
      #expect(Set(expected).count > 2)
      #expect(try chords(accompanied, model) == expected)
    }
  }

  @Test("the history has the melody's pitch classes in the latest frames")
  func recentPitchClasses() throws {
    let tracker = Self.tracker(try AgentTests.model.get(), melodyOnlyShare: 0)
    #expect(tracker.history.melodyNotes(latest: 4).isEmpty)
    let played: [MelodyEvent] = [.onset(Pitch(60)!), .hold, .onset(Pitch(63)!), .rest, .rest]
    for melody in played { tracker.update(melody, places: Self.place) }
    let (c, eFlat) = (PitchClassSet(rawValue: 1), PitchClassSet(rawValue: 1 << 3))
    #expect(tracker.history.melodyNotes(latest: 6) == [c, eFlat])
    #expect(tracker.history.melodyNotes(latest: 4) == [c, eFlat])
    #expect(tracker.history.melodyNotes(latest: 3) == eFlat)
    #expect(tracker.history.melodyNotes(latest: 2).isEmpty)
  }

  @Test("predictors that are switched on in mid-song have read its beginning")
  func switchesPredictorsOn() throws {
    let model = try AgentTests.model.get()
    let (always, later) = (
      Self.tracker(model, melodyOnlyShare: 1), Self.tracker(model, melodyOnlyShare: 0)
    )
    for frame in 0..<50 {
      if frame == 45 { later.configure(model, hypotheses: 1, melodyOnlyShare: 1) }
      let melody = frame % 3 == 0 ? MelodyEvent.onset(Pitch(60 + frame * 7 % 12)!) : .hold
      for tracker in [always, later] { tracker.update(melody, places: Self.place) }
    }
    try expectSameVotes(always, later, until: Frame(53))
  }

  /// The melody leaves its key, so there is a change point. Priming begins there, soon after it, or
  /// long after it: `delay` is in frames.
  @Test("a primed network votes as one that has read all of the song", arguments: [0, 2, 100])
  func primingFindsTheSameChangePoints(delay: Int) throws {
    let (model, other) = (try AgentTests.model.get(), try AgentTests.load("accompanist"))
    let (plain, primed) = (
      Self.tracker(model, hypotheses: 3, melodyOnlyShare: 0.5, seed: 2),
      Self.tracker(model, hypotheses: 3, melodyOnlyShare: 0.5, seed: 2)
    )
    var changePoint: Int?
    var isCaughtUp = false
    for frame in 0..<240 where !isCaughtUp {
      let steps = [0, 4, 7, 12, 7, 5, 4, 2]
      let pitch = Pitch((frame < 64 ? 60 : 66) + steps[frame / 2 % 8])!
      for tracker in [plain, primed] {
        tracker.update(frame.isMultiple(of: 2) ? .onset(pitch) : .hold, places: Self.place)
      }
      if plain.contexts.predictors!.isChangePoint { changePoint = changePoint ?? frame }
      if let changePoint, frame == changePoint + delay {
        primed.configure(other, hypotheses: 3, melodyOnlyShare: 0.5)
        #expect(primed.contexts.network.model === model, "the past takes several frames to read")
      }
      isCaughtUp = primed.contexts.network.model === other
    }
    #expect(isCaughtUp && primed.chords == plain.chords)
    #expect(primed.filter.weights == plain.filter.weights)
    #expect(
      primed.contexts.predictors!.shortContextWeight
        == plain.contexts.predictors!.shortContextWeight)
    try expectSameVotes(plain, primed, until: plain.frame + 2)
  }

  /// Eight frames of 16 rows a tick: the 201 frames up to the first tick, and one more for each
  /// tick that passes, are read in 29 ticks.
  @Test("however many settings change at a tick, the past is read in slices of 128 rows")
  func readsPastInSlices() throws {
    let (model, other) = (try AgentTests.model.get(), try AgentTests.load("accompanist"))
    let tracker = Self.tracker(model, hypotheses: 16, melodyOnlyShare: 0)
    for _ in 0..<200 { tracker.update(.onset(Pitch(60)!), places: Self.place) }
    for count in [64, 1, 16, 8, 16] {
      tracker.configure(other, hypotheses: count, melodyOnlyShare: 0)
      tracker.configure(model, hypotheses: count, melodyOnlyShare: 0)
    }
    tracker.configure(other, hypotheses: 16, melodyOnlyShare: 0)
    var ticks = 0
    while tracker.contexts.network.model === model, ticks < 100 {
      tracker.update(.hold, places: Self.place)
      ticks += 1
    }
    #expect(ticks == 29)
  }

  /// Random notes, so that hypotheses are resampled while the network is primed.
  @Test("resampling reaches the network that is being primed")
  func resamplingReachesPriming() throws {
    let (model, other) = (try AgentTests.model.get(), try AgentTests.load("accompanist"))
    let trackers = (0..<2).map { _ in Self.tracker(model, hypotheses: 16, melodyOnlyShare: 0) }
    var random = SplitMix64(seed: 1)
    var resamplings = 0
    for frame in 0..<200 where trackers[1].contexts.network.model === model {
      let note = MelodyEvent.onset(Pitch(Int.random(in: 55...79, using: &random))!)
      for tracker in trackers { tracker.update(note, places: Self.place) }
      if frame == 120 { trackers[1].configure(other, hypotheses: 16, melodyOnlyShare: 0) }
      let isResampled = Set(trackers[0].filter.weights).count == 1
      if frame > 120, isResampled { resamplings += 1 }
    }
    #expect(trackers[1].contexts.network.model === other && resamplings > 0)
    try expectSameVotes(trackers[0], trackers[1], until: trackers[0].frame + 2)
  }

  private func expectSameVotes(
    _ one: HarmonyTracker, _ other: HarmonyTracker, until: Frame
  ) throws {
    let rollouts = [one, other].map { tracker in
      tracker.rollOut(
        until: until, early: nil, places: Self.place, needsVotes: { _ in true })
      return tracker.rollouts
    }
    for offset in 0..<one.frame.distance(to: until) {
      let (expected, found) = (
        rollouts[0].votes(at: offset).shares, rollouts[1].votes(at: offset).shares
      )
      #expect(!expected.isEmpty && found.map(\.chord) == expected.map(\.chord))
      #expect(zip(found, expected).allSatisfy { abs($0.share - $1.share) < 1e-6 })
    }
  }

  @Test("hypotheses are resampled at once when their number changes", arguments: [1, 3, 16, 64])
  func changesHypotheses(count: Int) throws {
    let model = try AgentTests.model.get()
    let tracker = Self.tracker(model, hypotheses: 8, melodyOnlyShare: 0)
    for frame in 0..<24 {
      if frame == 20 {
        let before = Set(tracker.chords)
        tracker.configure(model, hypotheses: count, melodyOnlyShare: 0)
        #expect(tracker.count == count && tracker.chords.count == count)
        #expect(before.isSuperset(of: tracker.chords), "each is a copy of one that was there")
      }
      tracker.update(.onset(Pitch(60 + frame * 7 % 12)!), places: Self.place)
    }
    #expect(abs(tracker.filter.weights.reduce(0, +) - 1) < 1e-9)
  }

  /// If they differed, frames that predictors read in rollouts would be computed again.
  @Test("inputs of predictors do not differ by the chord that is masked")
  func masksChords() {
    let inputs = [(0, true), (7, false)].map { root, isOnset in
      FrameInput(
        before: .init(
          melody: .hold, state: .silent,
          chord: ChordEvent(chord: .init(root: root, quality: 1), isOnset: isOnset)),
        place: Self.place(Frame(3)))
    }
    #expect(inputs[0] != inputs[1])
    #expect(inputs[0].melodyOnly(transposedBy: 4) == inputs[1].melodyOnly(transposedBy: 4))
  }

  private static func tracker(
    _ model: Model, hypotheses: Int = 1, melodyOnlyShare: Double, seed: UInt64 = 1
  ) -> HarmonyTracker {
    HarmonyTracker(
      model, hypotheses: hypotheses, melodyOnlyShare: melodyOnlyShare, origin: Frame(0),
      random: CounterRNG(seed: seed), sampling: Sampling(), places: place)
  }

  private static func place(_ frame: Frame) -> MetricalPlace {
    MetricalPlace(
      place: frame.rawValue % 16, length: 16, bar: frame.rawValue / 16, meter: .fourFour)
  }

  /// The committed chord of each frame, by the usual names of its notes.
  private func chords(_ accompanied: AccompaniedCase, _ model: Model) throws -> [String] {
    var settings = Settings(seed: Int(accompanied.seed))
    (settings.hypotheses, settings.melodyOnly) = (
      accompanied.hypotheses, accompanied.melodyOnlyShare
    )
    (settings.temperature, settings.silence) = (accompanied.temperature, 0)
    let beatLength = accompanied.stream[0].contains("6/8") ? 6.0 : 4
    settings.commit = Double(accompanied.commit) / beatLength
    settings.lookahead = Double(accompanied.lookahead) / beatLength
    var agent = try Agent(settings) { _ in model }
    var reader = RecordReader()
    reader.feed(Array((accompanied.stream.joined(separator: "\n") + "\n").utf8))
    var chords: [String] = []
    while let line = try reader.next() {
      guard let plan = try agent.answer(line.record) else { continue }
      for chord in plan.chords {
        let end = min(chord.to, plan.commit).rawValue
        while chords.count < end {
          chords.append(try ChordSymbol(chord.symbol).withUsualNames.description)
        }
      }
    }
    return Array(chords.prefix(accompanied.chords.count))
  }
}
