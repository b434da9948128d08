import Testing

@testable import Chords

@Suite struct Vocabularies {
  @Test(
    arguments: [
      ("N", .noChord),
      ("C", .init(root: 0, quality: 0)),
      ("Bb7/D", .init(root: 10, quality: 2, bass: 4)),
      ("A#7/D", .init(root: 10, quality: 2, bass: 4)),
      ("A9", .init(root: 9, quality: 2)),  // 4/5 with 7
      ("Am6", .init(root: 9, quality: 1)),  // 3/4 with m
      ("C6", .init(root: 0, quality: 0)),  // 3/4 with the major triad
      ("C5", .init(root: 0, quality: 0)),  // 2/3 with both triads: the first of equals
      ("Cmin7", .init(root: 0, quality: 3)),
      ("C/B", .init(root: 0, quality: 0, bass: 11)),  // not nearer to a seventh chord
    ] as [(String, ChordTokens)])
  func spellByTheNearestQuality(_ text: String, _ tokens: ChordTokens) throws {
    let vocabulary = try ChordVocabulary(["", "m", "7", "m7"])
    #expect(vocabulary.tokens(of: try ChordSymbol(text)) == tokens)
  }

  /// The altered chord and 7b5b9#9b13 sound alike: a listed name goes before a lower index.
  @Test func aListedQualityIsItsOwnNearest() throws {
    let vocabulary = try ChordVocabulary(Array(Set(Fixtures.qualities.map(\.canonical))).sorted())
    for (index, quality) in vocabulary.qualities.enumerated() {
      let root = NoteName(.f)!
      #expect(vocabulary.tokens(of: .chord(root, quality)) == .init(root: 5, quality: index))
    }
  }

  @Test func whatIsSpelledIsReadBack() throws {
    let vocabulary = try ChordVocabulary(["", "m", "7", "m7b5"])
    #expect(vocabulary.symbol(for: .noChord) == .noChord && vocabulary.text(for: .noChord) == "N")
    for root in 0..<12 {
      for quality in 0..<4 {
        for bass in 0..<12 {
          let tokens = ChordTokens(root: root, quality: quality, bass: bass)
          let symbol = vocabulary.symbol(for: tokens)
          #expect(vocabulary.tokens(of: symbol) == tokens)
          #expect(vocabulary.text(for: tokens) == symbol.description)
        }
      }
    }
    let symbol = vocabulary.symbol(for: .init(root: 6, quality: 3, bass: 3))
    #expect(symbol.description == "F#m7b5/A")
  }

  @Test(arguments: [
    ([], "expected at least one chord quality, found none"),
    (["", "x"], #"expected a chord quality such as m7 or 7sus4, found "x""#),
    (["m7", "min7"], #"expected different chord qualities, found "m7" twice"#),
  ])
  func listsOfNoUseAreRefused(_ names: [String], _ message: String) {
    let error = #expect(throws: ChordVocabularyError.self) { try ChordVocabulary(names) }
    #expect(error?.description == message)
  }

  @Test func namesAreCanonical() throws {
    #expect(try ChordVocabulary(["maj", "min7", "M7"]).names == ["", "m7", "maj7"])
  }
}
