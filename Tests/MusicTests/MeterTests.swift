import Music
import Testing

@Suite struct MeterTests {
  /// Meter, notes with which beats begin, notes with which groups begin, whether it is additive.
  @Test(
    "knows where beats and groups begin",
    arguments: [
      (Meter(4, 4), [0, 1, 2, 3], [0, 1, 2, 3], false), (Meter(2, 2), [0, 1], [0, 1], false),
      (Meter(3, 4), [0, 1, 2], [0, 1, 2], false), (Meter(6, 8), [0, 3], [0, 3], false),
      (Meter(3, 8), [0, 1, 2], [0], false), (Meter(12, 16), [0, 3, 6, 9], [0, 3, 6, 9], false),
      (Meter(4, 8), [0, 1, 2, 3], [0, 1, 2, 3], false), (Meter(5, 8), [0, 3], [0, 3], true),
      (Meter(7, 8), [0, 3, 5], [0, 3, 5], true),
      (Meter(11, 8), [0, 3, 5, 7, 9], [0, 3, 5, 7, 9], true),
      (Meter(5, 4), [0, 1, 2, 3, 4], [0, 3], true), (Meter(7, 4), Array(0..<7), [0, 4], true),
      (Meter(1, 8), [0], [0], false), (Meter(groups: [2, 2, 3], 8), [0, 2, 4], [0, 2, 4], true),
      (Meter(groups: [2, 3], 4), [0, 1, 2, 3, 4], [0, 2], true),
      (Meter(groups: [2, 2, 2, 3], 8), [0, 2, 4, 6], [0, 2, 4, 6], true),
      (Meter(groups: [1, 2], 8), [0, 1], [0, 1], true),
    ])
  func knowsBeats(meter: Meter?, beats: [Int], groups: [Int], isAdditive: Bool) throws {
    let meter = try #require(meter)
    #expect(meter.beatStarts == beats && meter.beatCount == beats.count)
    #expect((0..<meter.numerator).filter(meter.beginsGroup) == groups)
    #expect(meter.isAdditive == isAdditive)
    for (beat, note) in beats.enumerated() {
      #expect(meter.beats(atNote: Double(note)) == Double(beat))
    }
  }

  @Test("counts places between beats as fractions of the beat that they lie in")
  func countsFractions() {
    #expect(Meter(4, 4)!.beats(atNote: 2.25) == 2.25)
    #expect(Meter(6, 8)!.beats(atNote: 4.5) == 1.5)
    #expect(Meter(7, 8)!.beats(atNote: 4) == 1.5)
  }

  @Test("has the length of a beat in quarter notes")
  func hasBeatLength() {
    #expect(
      [Meter(4, 4)!, Meter(2, 2)!, Meter(6, 8)!, Meter(3, 8)!].map(\.meanBeat) == [1, 2, 1.5, 0.5])
  }

  @Test("takes groups of at least one note, of 64 notes at most")
  func limitsGroups() {
    #expect(Meter(groups: [4], 4) == .fourFour && Meter(groups: [3, 2, 2], 8) != Meter(7, 8))
    #expect(Meter(groups: [3, 2, 2], 8)?.groups == [3, 2, 2] && Meter(7, 8)?.groups == [])
    #expect(Meter(groups: [63, 1], 4)?.groups == [63, 1])
    for groups in [[], [0, 4], [4, 0], [4, -1], [64, 1], [32, 32, 1]] {
      #expect(Meter(groups: groups, 4) == nil)
    }
  }
}
