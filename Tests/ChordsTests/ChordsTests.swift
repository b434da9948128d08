import Foundation
import Testing

@testable import Chords

@Suite struct ReadingTests {
  @Test("a quality is read from each of its names", arguments: Fixtures.qualities)
  func readsQuality(_ expected: Fixtures.Quality) throws {
    let quality = try ChordQuality(expected.suffix)
    #expect(quality.description == expected.canonical)
    #expect(quality.intervals.pitchClasses.map(\.rawValue) == expected.intervals)
    #expect(try ChordQuality(expected.canonical) == quality)
  }

  @Test(
    "a symbol is read as its canonical text and its notes",
    arguments: [
      ("C", "C", "C E G"),
      ("Am7", "Am7", "C E G A"),
      ("Bb/D", "Bb/D", "D F Bb"),
      ("F#m7b5", "F#m7b5", "C E F# A"),
      ("GΔ7♯11", "Gmaj7#11", "Db D F# G B"),
      ("B♭−7/A♭", "Bbm7/Ab", "Db F Ab Bb"),
      ("C6/9/G", "C69/G", "C D E G A"),
      ("G7/C", "G7/C", "C D F G B"),
      ("C/C", "C", "C E G"),
      ("Cbb7", "Cbb7", "D F Ab Bb"),
      ("E##m", "E##m", "Db F# A"),
      // The longest run of accidentals belongs to the root.
      ("C#b9", "C#addb9", "Db D F Ab"),
      ("Cb5", "Cb5", "F# B"),
      ("C(b5)", "C(b5)", "C E F#"),
      ("Db3b6", "Dmaddb13", "D F A Bb"),
      ("Comit3", "C5", "C G"),
      ("E7b3b5b9b11b13", "E7b5b9#9b13", "C D E F G Ab Bb"),
      ("N", "N", ""),
      ("NC", "N", ""),
      ("N.C.", "N", ""),
    ])
  func readsSymbol(_ text: String, _ canonical: String, _ notes: String) throws {
    let symbol = try ChordSymbol(text)
    #expect(symbol.description == canonical)
    let names = symbol.pitchClasses.pitchClasses.map { NoteName($0).description }
    #expect(names.joined(separator: " ") == notes)
    #expect(try ChordSymbol(canonical) == symbol)
  }

  @Test("a symbol has a root, a quality and a bass")
  func partsOfSymbol() throws {
    let symbol = try ChordSymbol("Ebmaj9#11/G")
    let chord = try #require(symbol.chord)
    #expect(chord.root == NoteName(.e, accidental: -1))
    #expect(chord.bass == NoteName(.g))
    #expect(
      chord.quality
        == ChordQuality(third: .major, seventh: .major, tones: [.fifth, .ninth, .sharpEleventh]))
    #expect(symbol.root == PitchClass(rawValue: 3))
    #expect(symbol.bass == PitchClass(rawValue: 7))
    #expect(ChordSymbol.noChord.root == nil)
    #expect(ChordSymbol.noChord.bass == nil)
  }

  @Test(
    "every symbol of the corpus is read",
    .enabled(if: Fixtures.corpus != nil, "No corpus: set JAMLINE_CORPUS to its folder."))
  func readsCorpus() throws {
    struct Song: Decodable { let chords: [Event] }
    struct Event: Decodable {
      let symbol: String

      init(from decoder: any Decoder) throws {
        var fields = try decoder.unkeyedContainer()
        _ = try (fields.decode(Double.self), fields.decode(Double.self))
        symbol = try fields.decode(String.self)
      }
    }

    var symbols: Set<String> = []
    for file in try #require(Fixtures.corpus) {
      for line in try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")) {
        symbols.formUnion(try JSONDecoder().decode(Song.self, from: line).chords.map(\.symbol))
      }
    }
    #expect(symbols.count > 1000)
    for symbol in symbols {
      let read = try ChordSymbol(symbol)
      #expect(try ChordSymbol(read.description) == read, "\(symbol)")
    }
  }
}

@Suite struct RefusalTests {
  @Test(
    "text that is no symbol is refused",
    arguments: [
      "", "H7", "c", "Cm5", "C57", "C7b7", "C7/", "C/H", "C(b5", "C((b5))", "C7b5)", "C\n",
      "N7", "Cmaj7add7", "C7add", "C7addb11", "C7b11", "C7+6", "C7no7", "C###", "C7/Ebbb",
      "C\u{301}",
    ])
  func refusesOtherText(_ text: String) {
    #expect(throws: ChordSymbolError.symbol(text)) { try ChordSymbol(text) }
  }

  @Test("an error says what was expected and what was found")
  func describesError() {
    #expect(
      ChordSymbolError.symbol("H7").description
        == #"expected a chord symbol such as Am7 or Bb/D, found "H7""#)
    #expect(
      ChordSymbolError.quality("x").description
        == #"expected a chord quality such as m7 or 7sus4, found "x""#)
  }

  @Test("an error is short and has no control characters")
  func limitsError() {
    let escape = ChordSymbolError.symbol("\u{1B}[2J\nC")
    #expect(escape.found == "\u{FFFD}[2J\u{FFFD}C")
    let long = ChordSymbolError.symbol(String(repeating: "x", count: 1_000_000))
    #expect(long.found == String(repeating: "x", count: 32) + "…")
  }

  @Test("a very long text is refused")
  func refusesLongText() {
    #expect(throws: ChordSymbolError.self) {
      try ChordSymbol("C7" + String(repeating: "b9", count: 1_000_000))
    }
  }

  @Test("a random mixture of parts is refused, or means the same as its canonical text")
  func readsMixtures() throws {
    let parts = [
      "C", "b", "#", "m", "maj", "Δ", "7", "9", "13", "5", "6", "sus", "2", "4", "add", "no", "3",
      "(", ")", ",", "/", "+", "-", "alt", "dim", "ø", "o", "aug", "N", "\0", "👩‍🎤",
    ]
    var generator = SeededGenerator(seed: 2)
    var read = 0
    for round in 0..<50_000 {
      let count = Int.random(in: 0...7, using: &generator)
      let text = "C" + (0..<count).map { _ in parts.randomElement(using: &generator)! }.joined()
      guard let symbol = try? ChordSymbol(text) else { continue }
      read += 1
      #expect(try ChordSymbol(symbol.description) == symbol, "seed 2, round \(round): \(text)")
    }
    #expect(read > 2000)
  }
}

@Suite struct PrintingTests {
  static func randomSymbol(using generator: inout SeededGenerator) -> ChordSymbol {
    func note() -> NoteName {
      NoteName(
        NoteName.Letter.allCases.randomElement(using: &generator)!,
        accidental: Int.random(in: -2...2, using: &generator))!
    }
    let quality = ChordQuality(
      third: ChordQuality.Third.allCases.randomElement(using: &generator)!,
      seventh: ChordQuality.Seventh.allCases.randomElement(using: &generator)!,
      tones: ChordQuality.Tones(rawValue: UInt16.random(in: 0..<1024, using: &generator)))
    return .chord(note(), quality, bass: Bool.random(using: &generator) ? note() : nil)
  }

  @Test("a symbol that is printed and read is the same", arguments: [1, 2, 3] as [UInt64])
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<10_000 {
      let symbol = Self.randomSymbol(using: &generator)
      let text = symbol.description
      #expect(text.utf8.count <= ChordReader.longestSymbolInBytes)
      #expect((try? ChordSymbol(text)) == symbol, "seed \(seed), round \(round): \(text)")
    }
  }

  /// There are few enough qualities to try all of them.
  @Test("every quality has a text of its own")
  func textsAreUnique() throws {
    var qualities: [String: ChordQuality] = [:]
    for third in ChordQuality.Third.allCases {
      for seventh in ChordQuality.Seventh.allCases {
        for bits in 0..<1024 as Range<UInt16> {
          let quality = ChordQuality(third: third, seventh: seventh, tones: .init(rawValue: bits))
          let other = qualities.updateValue(quality, forKey: quality.description)
          #expect(other == nil || other == quality, "\(quality)")
        }
      }
    }
    for (text, quality) in qualities { #expect(try ChordQuality(text) == quality, "\(text)") }
  }
}
