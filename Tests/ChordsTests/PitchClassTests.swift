import Testing

@testable import Chords

@Suite struct TranspositionTests {
  @Test(
    "a symbol is transposed with its bass",
    arguments: [
      ("C", 2, "D"), ("Am7/G", 3, "Cm7/Bb"), ("F#m7b5", -1, "Fm7b5"), ("N", 5, "N"),
      // Whole octaves keep the names of the notes; other intervals give the usual names.
      ("A#/Cb", 12, "A#/Cb"), ("A#/Cb", 0, "A#/Cb"), ("A#", 1, "B"), ("Gb", -25, "F"),
      ("C", Int.max, "G"), ("C", Int.min, "E"),
    ])
  func transposesSymbol(_ text: String, _ semitones: Int, _ transposed: String) throws {
    #expect(try ChordSymbol(text).transposed(by: semitones).description == transposed)
  }

  @Test("the pitch classes of a symbol are transposed alike")
  func transposesPitchClasses() {
    var generator = SeededGenerator(seed: 4)
    for round in 0..<2000 {
      let symbol = PrintingTests.randomSymbol(using: &generator)
      let semitones = Int.random(in: -30...30, using: &generator)
      #expect(
        symbol.transposed(by: semitones).pitchClasses
          == symbol.pitchClasses.transposed(by: semitones),
        "seed 4, round \(round): \(symbol)")
    }
  }
}

@Suite struct PitchClassTests {
  @Test("there are twelve pitch classes")
  func twelve() {
    #expect(PitchClass(rawValue: 11)?.rawValue == 11)
    #expect(PitchClass(rawValue: 12) == nil)
    #expect(PitchClass(semitonesAboveC: -1).rawValue == 11)
    #expect(PitchClass(semitonesAboveC: 61).rawValue == 1)
    #expect(PitchClassSet(rawValue: 0xFFFF).count == 12)
  }

  @Test("intervals are counted up from the root")
  func intervals() {
    let c = PitchClass(semitonesAboveC: 0)
    let a = PitchClass(semitonesAboveC: 9)
    #expect(c.semitones(above: a) == 3)
    #expect(a.semitones(above: c) == 9)
  }

  @Test("each pitch class has a usual name")
  func usualNames() {
    let names = (0..<12).map { NoteName(PitchClass(semitonesAboveC: $0)).description }
    #expect(names.joined(separator: " ") == "C Db D Eb E F F# G Ab A Bb B")
    #expect(NoteName(.c, accidental: 3) == nil)
  }
}
