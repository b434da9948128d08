import Chords
import Music
import Testing

@testable import jam_agent

@Suite struct CommittedPlanTests {
  private static func choice(_ root: Int, _ confidence: Double?) -> ChordChoice {
    ChordChoice(chord: .init(root: root, quality: 0), confidence: confidence)
  }

  /// Eight frames from frame 0 on: two chords of four frames each.
  private let planned =
    [0.9, 0.9, 0.9, 0.9].map { choice(0, $0) } + [0.6, 0.6, 0.5, 0.5].map { choice(7, $0) }

  private func planning(_ planned: [ChordChoice], from frame: Frame = Frame(0)) -> CommittedPlan {
    var plan = CommittedPlan(from: frame)
    plan.plan(until: frame + planned.count) { next, _ in planned[frame.distance(to: next)] }
    return plan
  }

  private func chords(_ plan: CommittedPlan) -> [(from: Frame, to: Frame, choice: ChordChoice)] {
    var chords: [(from: Frame, to: Frame, choice: ChordChoice)] = []
    plan.forEachChord { chords.append(($0, $1, $2)) }
    return chords
  }

  @Test("a chord's confidence is the least of its frames")
  func chordHasLeastConfidence() {
    let chords = chords(planning(planned))
    #expect(chords.map(\.choice) == [Self.choice(0, 0.9), Self.choice(7, 0.5)])
    #expect(
      chords.map(\.from) == [Frame(0), Frame(4)] && chords.map(\.to) == [Frame(4), Frame(8)])
  }

  @Test("committed frames are not planned again")
  func plansUncommittedFrames() {
    var plan = planning(planned)
    plan.commit(upTo: Frame(6))
    plan.advance(to: Frame(2))
    var asked: [Frame] = []
    plan.plan(until: Frame(8)) { frame, sounding in
      asked.append(frame)
      #expect(sounding == (frame == Frame(6) ? Self.choice(7, 0.6) : Self.choice(5, 0.2)))
      return Self.choice(5, 0.2)
    }
    #expect(asked == [Frame(6), Frame(7)])
    #expect(
      plan.choices == Array(planned[2..<6]) + [Self.choice(5, 0.2), Self.choice(5, 0.2)])
    // The sounding chord begins where it began; a committed chord keeps its confidence.
    let chords = chords(plan)
    #expect(chords.map(\.from) == [Frame(0), Frame(4), Frame(6)])
    #expect(chords[1].choice == Self.choice(7, 0.6))
  }

  @Test(
    "frames are committed as long as their confidence suffices",
    arguments: [(0.95, 8, 0), (0.9, 8, 4), (0.6, 8, 6), (0.6, 5, 5), (0.5, 8, 8)])
  func commitsConfidentFrames(least: Double, upTo: Int, expected: Int) {
    var plan = planning(planned)
    plan.commit(upTo: Frame(upTo), ifConfidence: least)
    #expect(plan.commit == Frame(expected))
  }

  @Test("a frame without votes has no confidence to be committed by")
  func votelessFramesAreNotCommitted() {
    var plan = planning(Array(repeating: Self.choice(0, nil), count: 8))
    plan.commit(upTo: Frame(8), ifConfidence: 0)
    #expect(plan.commit == Frame(0))
  }

  @Test("tentative chords are dropped as the current frame advances")
  func dropsTentativeChords() {
    var plan = planning(planned)
    plan.commit(upTo: Frame(2))
    plan.advance(to: Frame(3))
    #expect(plan.choices.isEmpty && plan.commit == Frame(3))
  }

  @Test("in frames that pass without being committed the last chord goes on")
  func uncommittedFramesHoldTheChord() {
    var plan = planning(Array(planned[..<2]))
    plan.commit(upTo: Frame(2))
    plan.advance(to: Frame(9))
    #expect(plan.commit == Frame(9))
    plan.plan(until: Frame(10)) { frame, sounding in
      #expect(sounding == Self.choice(0, 0.9))
      return sounding
    }
    #expect(chords(plan).map(\.from) == [Frame(0)])
  }
}
