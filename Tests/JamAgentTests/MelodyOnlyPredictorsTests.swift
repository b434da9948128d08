import Chords
import Glibc
import Music
import Testing
import Transformer

@testable import jam_agent

@Suite struct MelodyOnlyPredictorsTests {
  private static let c = PitchClassSet(rawValue: 0b10010001)
  private static let d = PitchClassSet(rawValue: 0b10_01000100)

  @Test("two rows take turns as the short context that votes")
  func shortContextsTakeTurns() {
    var predictors = MelodyOnlyPredictors(firstRow: .init(4))
    let shortRows = [4 + MelodyOnlyPredictors.rowCount - 2, 4 + MelodyOnlyPredictors.rowCount - 1]
    var restarted: Int?
    for _ in 0..<4 {
      predictors.beginBeat()
      let rows = predictors.voting.map(\.row.index)
      #expect(Array(rows.dropLast()) == predictors.longContextRows.map(\.index))
      #expect(
        [predictors.restartedRow, predictors.shortContextRow].map(\.index).sorted() == shortRows
          && predictors.shortContextRow.index == rows.last)
      // The row that started again a beat ago has read the last beat.
      if let restarted { #expect(rows.last == restarted) }
      #expect((0..<4).map { predictors.inRollouts($0, of: 4).row.index } == [4, 5, 6, rows.last!])
      #expect(predictors.voting.map(\.isShortContext) == rows.map(shortRows.contains))
      restarted = predictors.restartedRow.index
    }
  }

  @Test("at first the short context has 5% of the votes, and the long contexts share the rest")
  func shortContextPrior() {
    let shares = shares(of: MelodyOnlyPredictors(firstRow: .init(0)))
    #expect(abs(shares.last! - 0.05) < 1e-12)
    #expect(shares.dropLast().allSatisfy { abs($0 - 0.95 / 6) < 1e-12 })
  }

  @Test(
    "at most three long contexts take part in rollouts, and no more than there are rollouts",
    arguments: [(1, 1), (2, 2), (3, 3), (4, 3)])
  func predictorsInRollouts(rollouts: Int, longContexts: Int) {
    let predictors = MelodyOnlyPredictors(firstRow: .init(0))
    let count = predictors.countInRollouts(rollouts)
    let shares = (0..<count).map {
      predictors.share(of: predictors.inRollouts($0, of: count), among: count)
    }
    #expect(shares.count == longContexts + 1 && abs(shares.last! - 0.05) < 1e-12)
    #expect(shares.dropLast().allSatisfy { abs($0 - 0.95 / Double(longContexts)) < 1e-12 })
  }

  /// Each case: the melody's pitch class in each frame of a beat, and the factor by which the beat
  /// multiplies the odds of the short context. The short context predicted D, the long contexts C
  /// with 0.7 and D with 0.3.
  @Test(
    "the odds of the short context grow if it predicted the notes better than the long ones",
    arguments: [
      ([], 1), ([nil, nil, nil, nil], 1),
      // D: 1 against 0.3, in all frames, in half of them, in a beat that was cut short.
      ([2, 2, 2, 2], pow(0.3, -4)), ([2, nil, nil, 2], pow(0.3, -2)), ([2], pow(0.3, -4)),
      // C: no likelihood is less than 0.05. Notes outside all predicted chords change nothing.
      ([0, 0, 0, 0], pow(0.05 / 0.7, 4)), ([1, 3, nil, 5], 1),
    ] as [([Int?], Double)])
  func oddsFollowPredictions(notes: [Int?], odds: Double) {
    var predictors = MelodyOnlyPredictors(firstRow: .init(0))
    observe(notes, &predictors)
    #expect(abs(shares(of: predictors).last! - 0.05) < 1e-12, "nothing was predicted")
    predict(&predictors, shortContext: true)
    observe(notes, &predictors)
    #expect(abs(shares(of: predictors).last! - odds / (odds + 19)) < 1e-9)
    #expect(abs(shares(of: predictors).reduce(0, +) - 1) < 1e-9)
    #expect(predictors.shortContextWeight == shares(of: predictors).last!)
    // A beat without notes halves the log odds.
    observe([nil, nil, nil, nil], &predictors)
    #expect(abs(shares(of: predictors).last! - odds.squareRoot() / (odds.squareRoot() + 19)) < 1e-9)
  }

  /// The log odds begin at 0 again after a change point.
  @Test("a second beat that the long contexts predicted much worse is a change point")
  func changePoint() {
    var predictors = MelodyOnlyPredictors(firstRow: .init(0))
    let changePoints = (0..<4).map { _ in
      predict(&predictors, shortContext: true)
      observe([2, 2, 2, 2], &predictors)
      #expect((predictors.shortContextWeight == 1) == predictors.isChangePoint)
      return predictors.isChangePoint
    }
    #expect(changePoints == [false, true, false, true])
    #expect(abs(shares(of: predictors).last! - 0.05) < 1e-12)
  }

  @Test("without predictions of the short context the odds stay as they are")
  func oddsNeedPredictions() {
    var predictors = MelodyOnlyPredictors(firstRow: .init(0))
    predict(&predictors, shortContext: false)
    observe([2, 2, 0, 0], &predictors)
    #expect(abs(shares(of: predictors).last! - 0.05) < 1e-12)
  }

  /// Observes the notes of a beat's frames, and begins the next beat.
  private func observe(_ notes: [Int?], _ predictors: inout MelodyOnlyPredictors) {
    for note in notes { predictors.observe(note.map { PitchClass(semitonesAboveC: $0) }) }
    predictors.beginBeat()
  }

  /// Predicts C and D by the long contexts, and D by the short one if it predicts at all.
  private func predict(_ predictors: inout MelodyOnlyPredictors, shortContext: Bool) {
    for predictor in predictors.voting {
      if !predictor.isShortContext {
        predictors.recordPrediction(0.7, of: Self.c, by: predictor)
        predictors.recordPrediction(0.3, of: Self.d, by: predictor)
      } else if shortContext {
        predictors.recordPrediction(0.9, of: Self.d, by: predictor)
      }
    }
  }

  /// Each case: the pitch of an onset or hold, a transposition in semitones, and the pitch that the
  /// network reads.
  @Test(
    "a transposed note that would leave MIDI's range moves by an octave",
    arguments: [(60, 2, 62), (127, 6, 121), (125, 2, 127), (0, -2, 10), (3, -4, 11)])
  func transposesWithinRange(pitch: Int, semitones: Int, expected: Int) {
    let place = MetricalPlace(place: 3, length: 16, bar: 0, meter: .fourFour)
    func input(_ pitch: Int, isOnset: Bool) -> FrameInput {
      FrameInput(
        before: .init(
          melody: isOnset ? .onset(Pitch(pitch)!) : .hold, state: .sounding(Pitch(pitch)!),
          chord: ChordEvent()),
        place: place)
    }
    for isOnset in [true, false] {
      let transposed = input(pitch, isOnset: isOnset).melodyOnly(transposedBy: semitones)
      #expect(transposed == input(expected, isOnset: isOnset).melodyOnly(transposedBy: 0))
    }
    #expect(FrameInput(before: nil, place: place).melodyOnly(transposedBy: semitones).before == nil)
  }

  private func shares(of predictors: MelodyOnlyPredictors) -> [Double] {
    predictors.voting.map { predictors.share(of: $0, among: predictors.voting.count) }
  }
}
