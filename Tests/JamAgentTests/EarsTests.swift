import Chords
import Glibc
import Records
import Testing
import Transformer

@testable import jam_agent

@Suite struct EarsTests {
  private static let c = PitchClassSet(rawValue: 0b10010001)
  private static let d = PitchClassSet(rawValue: 0b10_01000100)

  @Test func theYoungTakeTurns() {
    var ears = Ears(firstRow: 4)
    let young = Set([4 + Ears.rows - 2, 4 + Ears.rows - 1])
    for _ in 0..<4 {
      let begins = ears.takeTurns()
      let rows = ears.voting.map(\.row)
      #expect(rows.dropLast() == Array(4..<4 + Ears.transpositions.count)[...])
      #expect(Set([begins, rows.last!]) == young)
      #expect(ears.voting.map(\.isYoung) == rows.map(young.contains))
    }
  }

  @Test func theYoungHaveLittleToSayAtFirst() {
    let shares = shares(of: Ears(firstRow: 0))
    #expect(abs(shares.last! - 0.05) < 1e-12)
    #expect(shares.dropLast().allSatisfy { abs($0 - 0.95 / 6) < 1e-12 })
  }

  /// What sounded in each frame of a beat, and the odds of the young ear, which took D to sound where
  /// three quarters of the elders' votes were for C and the rest for D.
  @Test(
    arguments: [
      ([], 1), ([nil, nil, nil, nil], 1),
      // D: 1 against ¼, in all frames, in half of them.
      ([2, 2, 2, 2], pow(4, 4)), ([2, nil, nil, 2], 16),
      // C: no note is less likely than .05. What belongs to nobody's chord says nothing.
      ([0, 0, 0, 0], pow(0.05 / 0.75, 4)), ([1, 3, nil, 5], 1),
    ] as [([Int?], Double)])
  func creditGoesToThoseWhoForesaw(sounding: [Int?], odds: Double) {
    var ears = Ears(firstRow: 0)
    let sounds = { (age: Int) in sounding[age].map { PitchClass(semitonesAboveC: $0) } }
    ears.judge(frames: max(sounding.count, 1)) { sounding.isEmpty ? nil : sounds($0) }
    #expect(abs(shares(of: ears).last! - 0.05) < 1e-12, "nothing was foreseen")
    ears.foresee()
    for ear in ears.voting {
      if ear.isYoung {
        ears.foresee(0.9, of: Self.d, by: ear)
      } else {
        ears.foresee(0.75, of: Self.c, by: ear)
        ears.foresee(0.25, of: Self.d, by: ear)
      }
    }
    ears.judge(frames: max(sounding.count, 1)) { sounding.isEmpty ? nil : sounds($0) }
    let expected = odds / (odds + 19)
    #expect(abs(shares(of: ears).last! - expected) < 1e-9)
    #expect(abs(shares(of: ears).reduce(0, +) - 1) < 1e-9)
    // Half of it is left after a beat that says nothing.
    ears.judge(frames: 4) { _ in nil }
    #expect(abs(shares(of: ears).last! - odds.squareRoot() / (odds.squareRoot() + 19)) < 1e-9)
  }

  @Test(arguments: [(60, 2, 62), (127, 6, 121), (125, 2, 127), (0, -2, 10), (3, -4, 11)])
  func notesStayWithinMidi(pitch: Int, semitones: Int, expected: Int) {
    let place = MetricalPlace(place: 3, length: 16, bar: 0, meter: .fourFour)
    func input(_ pitch: Int) -> FrameInput {
      FrameInput(
        before: .init(
          melody: .onset(Pitch(pitch)!), state: .sounding(Pitch(pitch)!), isStrike: false,
          chord: .noChord),
        place: place)
    }
    #expect(
      input(pitch).heard(transposedBy: semitones) == input(expected).heard(transposedBy: 0))
    #expect(FrameInput(before: nil, place: place).heard(transposedBy: semitones).before == nil)
  }

  private func shares(of ears: Ears) -> [Double] { ears.voting.map(ears.share) }
}
