import Testing

@testable import Chords

@Suite struct ChordVocabularyTests {
  @Test(
    "a chord gets the tokens of the nearest quality that is listed",
    arguments: [
      ("N", .noChord),
      ("C", .init(root: 0, quality: 0)),
      ("Bb7/D", .init(root: 10, quality: 2, bass: 4)),
      ("A#7/D", .init(root: 10, quality: 2, bass: 4)),
      ("A9", .init(root: 9, quality: 2)),  // 4 of 5 tones in common with 7
      ("Am6", .init(root: 9, quality: 1)),  // 3 of 4 tones in common with m
      ("C6", .init(root: 0, quality: 0)),  // 3 of 4 with the major triad
      ("C5", .init(root: 0, quality: 0)),  // 2 of 3 with both triads: the first one
      ("Cmin7", .init(root: 0, quality: 3)),
      ("C/B", .init(root: 0, quality: 0, bass: 11)),  // no nearer to a seventh chord
    ] as [(String, ChordTokens)])
  func nearestQuality(_ text: String, _ tokens: ChordTokens) throws {
    let vocabulary = try ChordVocabulary(["", "m", "7", "m7"])
    #expect(vocabulary.tokens(of: try ChordSymbol(text)) == tokens)
  }

  /// The altered chord and 7b5b9#9b13 have the same tones: a listed name precedes a lower index.
  @Test("a listed quality gets its own token")
  func listedQuality() throws {
    let vocabulary = try ChordVocabulary(Array(Set(Fixtures.qualities.map(\.canonical))).sorted())
    for (index, quality) in vocabulary.qualities.enumerated() {
      let root = NoteName(.f)!
      #expect(vocabulary.tokens(of: .chord(root, quality)) == .init(root: 5, quality: index))
    }
  }

  @Test("the symbol of tokens has the same tokens")
  func roundTrip() throws {
    let vocabulary = try ChordVocabulary(["", "m", "7", "m7b5"])
    let c = NoteName(.c)!
    #expect(vocabulary.symbol(for: .noChord) == .noChord)
    #expect(vocabulary.text(for: .noChord, root: c, bass: c) == "N")
    for root in 0..<12 {
      for quality in 0..<4 {
        for bass in 0..<12 {
          let tokens = ChordTokens(root: root, quality: quality, bass: bass)
          let symbol = vocabulary.symbol(for: tokens)
          #expect(vocabulary.tokens(of: symbol) == tokens)
          let chord = try #require(symbol.chord)
          let names = (root: chord.root, bass: chord.bass ?? chord.root)
          #expect(
            vocabulary.text(for: tokens, root: names.root, bass: names.bass) == symbol.description)
        }
      }
    }
    let symbol = vocabulary.symbol(for: .init(root: 6, quality: 3, bass: 3))
    #expect(symbol.description == "F#m7b5/A")
  }

  @Test(
    "a list without a quality, or with an unknown or repeated one, is refused",
    arguments: [
      ([], "expected at least one chord quality, found none"),
      (["", "x"], #"expected a chord quality such as m7 or 7sus4, found "x""#),
      (["m7", "min7"], #"expected different chord qualities, found "m7" twice"#),
    ])
  func refusesLists(_ names: [String], _ message: String) {
    let error = #expect(throws: ChordVocabularyError.self) { try ChordVocabulary(names) }
    #expect(error?.description == message)
  }

  @Test("the names of qualities become canonical")
  func canonicalNames() throws {
    #expect(try ChordVocabulary(["maj", "min7", "M7"]).names == ["", "m7", "maj7"])
  }
}
