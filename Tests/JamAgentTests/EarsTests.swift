import Chords
import Glibc
import Music
import Testing
import Transformer

@testable import jam_agent

@Suite struct EarsTests {
  private static let c = PitchClassSet(rawValue: 0b10010001)
  private static let d = PitchClassSet(rawValue: 0b10_01000100)

  @Test func theYoungTakeTurns() {
    var ears = Ears(firstRow: 4, futures: 4)
    let young = [4 + Ears.rows - 2, 4 + Ears.rows - 1]
    var begun: Int?
    for _ in 0..<4 {
      ears.beginBeat()
      let rows = ears.voting.map(\.row)
      #expect(Array(rows.dropLast()) == Array(ears.elders))
      #expect([ears.newborn, ears.young].sorted() == young && ears.young == rows.last)
      // Who began a beat ago has heard the last one.
      if let begun { #expect(rows.last == begun) }
      #expect(ears.dreaming.map(\.row) == [4, 5, 6, rows.last!])
      #expect(ears.voting.map(\.isYoung) == rows.map(young.contains))
      begun = ears.newborn
    }
  }

  @Test func theYoungHaveLittleToSayAtFirst() {
    let shares = shares(of: Ears(firstRow: 0, futures: 1))
    #expect(abs(shares.last! - 0.05) < 1e-12)
    #expect(shares.dropLast().allSatisfy { abs($0 - 0.95 / 6) < 1e-12 })
  }

  /// No more of the others than there are futures to hear, nor than three.
  @Test(arguments: [(1, 1), (2, 2), (3, 3), (4, 3)])
  func fewDream(futures: Int, elders: Int) {
    let ears = Ears(firstRow: 0, futures: futures)
    let shares = ears.dreaming.map { ears.share(of: $0, among: ears.dreaming) }
    #expect(shares.count == elders + 1 && abs(shares.last! - 0.05) < 1e-12)
    #expect(shares.dropLast().allSatisfy { abs($0 - 0.95 / Double(elders)) < 1e-12 })
  }

  /// What sounded in each frame of a beat, and by how much that changes the odds of the young ear,
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
    var ears = Ears(firstRow: 0, futures: 1)
    hear(sounding, &ears)
    #expect(abs(shares(of: ears).last! - 0.05) < 1e-12, "nothing was foreseen")
    foresee(&ears, young: true)
    hear(sounding, &ears)
    #expect(abs(shares(of: ears).last! - odds / (odds + 19)) < 1e-9)
    #expect(abs(shares(of: ears).reduce(0, +) - 1) < 1e-9)
    #expect(ears.novelty == shares(of: ears).last!)
    // Half of it is left after a beat that says nothing.
    hear([nil, nil, nil, nil], &ears)
    #expect(abs(shares(of: ears).last! - odds.squareRoot() / (odds.squareRoot() + 19)) < 1e-9)
  }

  /// A second such beat is too much: then they are equals again.
  @Test func eldersAreOutdoneWhenTheyForesawFarLess() {
    var ears = Ears(firstRow: 0, futures: 1)
    let outdone = (0..<4).map { _ in
      foresee(&ears, young: true)
      hear([2, 2, 2, 2], &ears)
      #expect((ears.novelty == 1) == ears.areEldersOutdone)
      return ears.areEldersOutdone
    }
    #expect(outdone == [false, true, false, true])
    #expect(abs(shares(of: ears).last! - 0.05) < 1e-12)
  }

  /// Who has no chord in mind has foreseen nothing: neither all notes, nor none.
  @Test func whoSaysNothingEarnsNothing() {
    var ears = Ears(firstRow: 0, futures: 1)
    foresee(&ears, young: false)
    hear([2, 2, 0, 0], &ears)
    #expect(abs(shares(of: ears).last! - 0.05) < 1e-12)
  }

  /// A beat is heard, and is over.
  private func hear(_ sounding: [Int?], _ ears: inout Ears) {
    for note in sounding { ears.hear(note.map { PitchClass(semitonesAboveC: $0) }) }
    ears.beginBeat()
  }

  private func foresee(_ ears: inout Ears, young: Bool) {
    for ear in ears.voting {
      if !ear.isYoung {
        ears.foresee(0.7, of: Self.c, by: ear)
        ears.foresee(0.3, of: Self.d, by: ear)
      } else if young {
        ears.foresee(0.9, of: Self.d, by: ear)
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
          isStrike: false,
          chord: .noChord),
        place: place)
    }
    for isOnset in [true, false] {
      let heard = input(pitch, isOnset: isOnset).heard(transposedBy: semitones)
      #expect(heard == input(expected, isOnset: isOnset).heard(transposedBy: 0))
    }
    #expect(FrameInput(before: nil, place: place).heard(transposedBy: semitones).before == nil)
  }

  private func shares(of ears: Ears) -> [Double] {
    ears.voting.map { ears.share(of: $0, among: ears.voting) }
  }
}
