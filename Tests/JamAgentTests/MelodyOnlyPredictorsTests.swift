import Chords
import Glibc
import Music
import Testing
import Transformer

@testable import jam_agent

@Suite struct MelodyOnlyPredictorsTests {
  private static let c = PitchClassSet(rawValue: 0b10010001)
  private static let d = PitchClassSet(rawValue: 0b10_01000100)

  @Test func theYoungTakeTurns() {
    var predictors = MelodyOnlyPredictors(firstRow: 4)
    let shortRows = [4 + MelodyOnlyPredictors.rowCount - 2, 4 + MelodyOnlyPredictors.rowCount - 1]
    var begun: Int?
    for _ in 0..<4 {
      predictors.beginBeat()
      let rows = predictors.voting.map(\.row)
      #expect(Array(rows.dropLast()) == Array(predictors.longContextRows))
      #expect(
        [predictors.restartedRow, predictors.shortContextRow].sorted() == shortRows
          && predictors.shortContextRow == rows.last)
      // Who began a beat ago has heard the last one.
      if let begun { #expect(rows.last == begun) }
      #expect((0..<4).map { predictors.inRollouts($0, of: 4).row } == [4, 5, 6, rows.last!])
      #expect(predictors.voting.map(\.isShortContext) == rows.map(shortRows.contains))
      begun = predictors.restartedRow
    }
  }

  @Test func theYoungHaveLittleToSayAtFirst() {
    let shares = shares(of: MelodyOnlyPredictors(firstRow: 0))
    #expect(abs(shares.last! - 0.05) < 1e-12)
    #expect(shares.dropLast().allSatisfy { abs($0 - 0.95 / 6) < 1e-12 })
  }

  /// No more of the others than there are futures to hear, nor than three.
  @Test(arguments: [(1, 1), (2, 2), (3, 3), (4, 3)])
  func fewTakePartInRollouts(rollouts: Int, longContexts: Int) {
    let predictors = MelodyOnlyPredictors(firstRow: 0)
    let count = predictors.countInRollouts(rollouts)
    let shares = (0..<count).map {
      predictors.share(of: predictors.inRollouts($0, of: count), among: count)
    }
    #expect(shares.count == longContexts + 1 && abs(shares.last! - 0.05) < 1e-12)
    #expect(shares.dropLast().allSatisfy { abs($0 - 0.95 / Double(longContexts)) < 1e-12 })
  }

  /// What sounded in each frame of a beat, and by how much that changes the odds of the shortRows predictor,
  /// which took D to sound where seven tenths of the elders' votes were for C and the rest for D.
  @Test(
    arguments: [
      ([], 1), ([nil, nil, nil, nil], 1),
      // D: 1 against .3, in all frames, in half of them, in a beat that was cut short.
      ([2, 2, 2, 2], pow(0.3, -4)), ([2, nil, nil, 2], pow(0.3, -2)), ([2], pow(0.3, -4)),
      // C: no note is less likely than .05. What belongs to nobody's chord says nothing.
      ([0, 0, 0, 0], pow(0.05 / 0.7, 4)), ([1, 3, nil, 5], 1),
    ] as [([Int?], Double)])
  func creditGoesToThoseWhoForesaw(sounding: [Int?], odds: Double) {
    var predictors = MelodyOnlyPredictors(firstRow: 0)
    observe(sounding, &predictors)
    #expect(abs(shares(of: predictors).last! - 0.05) < 1e-12, "nothing was foreseen")
    predict(&predictors, shortContext: true)
    observe(sounding, &predictors)
    #expect(abs(shares(of: predictors).last! - odds / (odds + 19)) < 1e-9)
    #expect(abs(shares(of: predictors).reduce(0, +) - 1) < 1e-9)
    #expect(predictors.shortContextWeight == shares(of: predictors).last!)
    // Half of it is left after a beat that says nothing.
    observe([nil, nil, nil, nil], &predictors)
    #expect(abs(shares(of: predictors).last! - odds.squareRoot() / (odds.squareRoot() + 19)) < 1e-9)
  }

  /// A second such beat is too much: then they are equals again.
  @Test func eldersAreOutdoneWhenTheyForesawFarLess() {
    var predictors = MelodyOnlyPredictors(firstRow: 0)
    let changePoints = (0..<4).map { _ in
      predict(&predictors, shortContext: true)
      observe([2, 2, 2, 2], &predictors)
      #expect((predictors.shortContextWeight == 1) == predictors.isChangePoint)
      return predictors.isChangePoint
    }
    #expect(changePoints == [false, true, false, true])
    #expect(abs(shares(of: predictors).last! - 0.05) < 1e-12)
  }

  /// Who has no chord in mind has foreseen nothing: neither all notes, nor none.
  @Test func whoSaysNothingEarnsNothing() {
    var predictors = MelodyOnlyPredictors(firstRow: 0)
    predict(&predictors, shortContext: false)
    observe([2, 2, 0, 0], &predictors)
    #expect(abs(shares(of: predictors).last! - 0.05) < 1e-12)
  }

  /// A beat is heard, and is over.
  private func observe(_ sounding: [Int?], _ predictors: inout MelodyOnlyPredictors) {
    for note in sounding { predictors.observe(note.map { PitchClass(semitonesAboveC: $0) }) }
    predictors.beginBeat()
  }

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

  /// Struck or held.
  @Test(arguments: [(60, 2, 62), (127, 6, 121), (125, 2, 127), (0, -2, 10), (3, -4, 11)])
  func notesStayWithinMidi(pitch: Int, semitones: Int, expected: Int) {
    let place = MetricalPlace(place: 3, length: 16, bar: 0, meter: .fourFour)
    func input(_ pitch: Int, isOnset: Bool) -> FrameInput {
      FrameInput(
        before: .init(
          melody: isOnset ? .onset(Pitch(pitch)!) : .hold, state: .sounding(Pitch(pitch)!),
          chord: ChordEvent()),
        place: place)
    }
    for isOnset in [true, false] {
      let heard = input(pitch, isOnset: isOnset).melodyOnly(transposedBy: semitones)
      #expect(heard == input(expected, isOnset: isOnset).melodyOnly(transposedBy: 0))
    }
    #expect(FrameInput(before: nil, place: place).melodyOnly(transposedBy: semitones).before == nil)
  }

  private func shares(of predictors: MelodyOnlyPredictors) -> [Double] {
    predictors.voting.map { predictors.share(of: $0, among: predictors.voting.count) }
  }
}
