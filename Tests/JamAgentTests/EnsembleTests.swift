import AgentSettings
import Chords
import Foundation
import Music
import Records
import TestSupport
import Testing
import Transformer

@testable import jam_agent

/// What the reference plays to a tune (Training/jamline_training/listening.py).
private struct AccompaniedCase: Decodable {
  var stream: [String]
  var hypotheses: Int
  var seed: UInt64
  /// What the ears have of all votes.
  var ear: Double
  var temperature: Double
  /// In frames.
  var commit: Int
  var lookahead: Int
  /// Root, quality and bass, frame by frame.
  var chords: [[Int]]

  static func recorded() throws -> [AccompaniedCase] {
    let path = ToolRunner.root.appendingPathComponent("Tests/Fixtures/accompanied.json")
    return try JSONDecoder().decode([AccompaniedCase].self, from: Data(contentsOf: path))
  }
}

@Suite struct EnsembleTests {
  @Test func listensAndAgreesAsTheReferenceDoes() throws {
    let model = try AgentTests.model.get()
    for accompanied in try AccompaniedCase.recorded() {
      let expected = accompanied.chords.map {
        "\(model.vocabulary.symbol(for: .init(root: $0[0], quality: $0[1], bass: $0[2])))"
      }
      #expect(Set(expected).count > 2)
      #expect(try chords(accompanied, model) == expected)
    }
  }

  @Test func whatWasHeardInTheLastFrames() throws {
    let ensemble = Ensemble(
      try AgentTests.model.get(), count: 1, earShare: 0, origin: Frame(0), chance: Chance(seed: 1),
      sampling: Sampling(), places: Self.place)
    #expect(ensemble.past.heard(frames: 4).isEmpty)
    let played: [MelodyEvent] = [.onset(Pitch(60)!), .hold, .onset(Pitch(63)!), .rest, .rest]
    for melody in played { ensemble.finish(melody, places: Self.place) }
    let (c, eFlat) = (PitchClassSet(rawValue: 1), PitchClassSet(rawValue: 1 << 3))
    #expect(ensemble.past.heard(frames: 6) == [c, eFlat])
    #expect(ensemble.past.heard(frames: 4) == [c, eFlat])
    #expect(ensemble.past.heard(frames: 3) == eFlat)
    #expect(ensemble.past.heard(frames: 2).isEmpty)
  }

  /// Who begins to listen so in the middle of a piece has heard its beginning.
  @Test func earsMayComeLater() throws {
    let model = try AgentTests.model.get()
    let begun = [0.0, 1.0].map { earShare in
      Ensemble(
        model, count: 1, earShare: earShare, origin: Frame(0), chance: Chance(seed: 1),
        sampling: Sampling(), places: Self.place)
    }
    for frame in 0..<50 {
      let melody = frame % 3 == 0 ? MelodyEvent.onset(Pitch(60 + frame * 7 % 12)!) : .hold
      for ensemble in begun { ensemble.finish(melody, places: Self.place) }
    }
    let late = Ensemble(model, count: 1, earShare: 1, goingOnFrom: begun[0])
    let votes = [begun[1], late].map { ensemble in
      ensemble.imagine(
        until: Frame(53), early: nil, places: Self.place, isAsked: { _ in true })
      return ensemble.dream
    }
    for offset in 0..<3 {
      let (expected, found) = (votes[0].votes(in: offset).shares, votes[1].votes(in: offset).shares)
      #expect(!expected.isEmpty && found.map(\.chord) == expected.map(\.chord))
      #expect(zip(found, expected).allSatisfy { abs($0.share - $1.share) < 1e-6 })
    }
  }

  /// On the beat on which all begin again where the melody leaves its key, after it, and long after it.
  @Test func whoRemembersBeganAgainWhereOthersDid() throws {
    let model = try AgentTests.model.get()
    let ensemble = Ensemble(
      model, count: 1, earShare: 0.5, origin: Frame(0), chance: Chance(seed: 2),
      sampling: Sampling(), places: Self.place)
    var begunAgain: Int?
    var compared = 0
    for frame in 0..<240 {
      let steps = [0, 4, 7, 12, 7, 5, 4, 2]
      let pitch = Pitch((frame < 64 ? 60 : 66) + steps[frame / 2 % 8])!
      ensemble.finish(frame.isMultiple(of: 2) ? .onset(pitch) : .hold, places: Self.place)
      if begunAgain == nil, ensemble.ears!.areEldersOutdone { begunAgain = frame }
      guard let begunAgain, [0, 2, 100].contains(frame - begunAgain) else { continue }
      compared += 1
      #expect(ensemble.hypotheses[0].chord != .noChord)
      let late = Ensemble(model, count: 1, earShare: 0.5, goingOnFrom: ensemble)
      #expect(late.hypotheses == ensemble.hypotheses)
      #expect(late.ears!.novelty == ensemble.ears!.novelty)
      let votes = [ensemble, late].map { one in
        one.imagine(
          until: Frame(frame + 2), early: nil, places: Self.place, isAsked: { _ in true })
        return one.dream.votes(in: 0).shares
      }
      #expect(votes[1].map(\.chord) == votes[0].map(\.chord))
      #expect(zip(votes[0], votes[1]).allSatisfy { abs($0.share - $1.share) < 1e-6 })
    }
    #expect(compared == 3)
  }

  /// Ears read the same whichever hypothesis they are beside: else what they have imagined would be
  /// calculated again.
  @Test func whatIsNotToldTellsNoInputsApart() {
    let inputs = [(0, true), (7, false)].map { root, isStrike in
      FrameInput(
        before: .init(
          melody: .hold, state: .silent, isStrike: isStrike, chord: .init(root: root, quality: 1)),
        place: Self.place(Frame(3)))
    }
    #expect(inputs[0] != inputs[1])
    #expect(inputs[0].heard(transposedBy: 4) == inputs[1].heard(transposedBy: 4))
  }

  private static func place(_ frame: Frame) -> MetricalPlace {
    MetricalPlace(
      place: frame.rawValue % 16, length: 16, bar: frame.rawValue / 16, meter: .fourFour)
  }

  /// What is promised, frame by frame.
  private func chords(_ accompanied: AccompaniedCase, _ model: Model) throws -> [String] {
    var settings = Settings(seed: accompanied.seed)
    (settings.hypotheses, settings.ear) = (accompanied.hypotheses, accompanied.ear)
    (settings.temperature, settings.silence) = (accompanied.temperature, 0)
    settings.commit = Double(accompanied.commit) / 4
    settings.lookahead = Double(accompanied.lookahead) / 4
    var agent = try Agent(settings) { _ in model }
    var reader = RecordReader()
    reader.feed(Array((accompanied.stream.joined(separator: "\n") + "\n").utf8))
    var chords: [String] = []
    while let line = try reader.next() {
      guard let plan = try agent.answer(line.record) else { continue }
      for chord in plan.chords {
        let end = min(chord.to, plan.commit).rawValue
        while chords.count < end { chords.append(chord.symbol) }
      }
    }
    return Array(chords.prefix(accompanied.chords.count))
  }
}
