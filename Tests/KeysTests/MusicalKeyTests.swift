import Chords
import Testing

@testable import Keys

@Suite struct MusicalKeyTests {
  @Test(
    "reads and names keys",
    arguments: [
      ("C", "C major"), ("F#m", "F# minor"), ("Bb", "Bb major"), ("Gb", "Gb major"),
      ("Cb major", "Cb major"), ("Dbm", "C# minor"), ("G# major", "Ab major"),
      ("A minor", "A minor"), ("Eb major", "Eb major"), ("d", nil), ("C7", nil), ("C/E", nil),
      ("", nil), ("C loud", nil),
    ] as [(String, String?)])
  func reads(text: String, name: String?) { #expect(MusicalKey(text)?.name == name) }

  @Test("a key that is found has the fewer accidentals")
  func signatures() {
    for number in 0..<12 {
      let tonic = PitchClass(semitonesAboveC: number)
      for isMinor in [false, true] {
        #expect(-6...6 ~= MusicalKey(tonic: tonic, isMinor: isMinor).sharps)
      }
    }
  }

  @Test(
    "moves to the key with the fewer accidentals",
    arguments: [
      ("E", 2, "F# major"), ("Gb", 12, "Gb major"), ("Gb", 1, "G major"), ("B", 2, "Db major"),
      ("Bm", 2, "C# minor"), ("Am", -1, "G# minor"),
    ])
  func transposes(key: String, semitones: Int, name: String) throws {
    #expect(try #require(MusicalKey(key)).transposed(by: semitones).name == name)
  }
}

@Suite struct SpellingTests {
  /// The key, and chords as they are written in it.
  @Test(
    "chords are written as the key has them, by their function",
    arguments: [
      ("C", "C Db D Eb E F F# G Ab A Bb B"),
      ("C", "C#m D#m7b5 Ebm F#m7b5 G#m Bbm7 C#dim7 D#dim7 F#dim7 G#dim7 Bdim"),
      ("C", "E7/G# A7/C# D7/F# B7/D# F#dim7/Eb Bm7b5/F C7/Bb Cm/Eb Caug/G# Ab/C Cdim7/A"),
      ("B", "B C#m7 D#m E F#7/A# G#m A#dim C#7/E# D#7 A G F C"),
      ("E", "E F#m7 G#7/B# C#m/G# B7/D# D7/F# D#m7b5"),
      ("Db", "Db Ebm7 Fm Gb Ab7/C Bbm Cm7b5 B E A D"),
      ("Gb", "Gb Abm7 Bbm Cb Db7/F Ebm Fdim D"),
      ("F#", "F# G#m7 A#m B C#7/E# D#m E#dim D"),
      ("C#", "C# D#m E#m F# G# A#m B#dim"),
      ("Am", "Am Bm7b5 C Dm E7/G# F G#dim7 Bb F#m7b5 C#7 Eb Ab"),
      ("C#m", "C#m D#m7b5 E F#m G#7/B# A B B#dim7 D"),
      ("F#m", "F#m C#7/E# E#dim7 D E G"), ("Fm", "Fm Gm7b5 Ab Bbm C7/E Db Eb Edim7 Gb"),
      ("Ebm", "Ebm Fm7b5 Gb Abm Bb7/D Cb Db Ddim7 E"), ("Bbm", "Bbm Gb Ab Db F7/A B"),
    ])
  func writesChords(key: String, chords: String) throws {
    let key = try #require(MusicalKey(key))
    for text in chords.split(separator: " ") {
      let usual = try ChordSymbol(String(text)).withUsualNames
      #expect(key.spelled(usual).description == text, "\(key.name)")
    }
    #expect(key.spelled(.noChord) == .noChord)
  }

  @Test("spelling changes no pitch class and writes no double accidental")
  func soundsTheSame() throws {
    let vocabulary = try ChordVocabulary(["", "m", "7", "dim7", "m7b5", "aug", "maj7", "sus4"])
    let keys = (0..<24).map { number in
      MusicalKey(tonic: PitchClass(semitonesAboveC: number), isMinor: number >= 12)
    }
    for key in keys + ["Gb", "Cb", "C#", "A#m", "Abm"].compactMap(MusicalKey.init) {
      for root in 0..<12 {
        for (quality, bass) in (0..<8).flatMap({ quality in (0..<12).map { (quality, $0) } }) {
          let tokens = ChordTokens(root: root, quality: quality, bass: bass)
          let text = vocabulary.text(for: tokens, in: key)
          let symbol = try ChordSymbol(text)
          #expect(vocabulary.tokens(of: symbol) == tokens, "\(text) in \(key.name)")
          #expect(key.spelled(vocabulary.symbol(for: tokens)) == symbol)
          let names = [symbol.chord?.root, symbol.chord?.bass].compactMap(\.self)
          #expect(names.allSatisfy { abs($0.accidental) < 2 }, "\(text) in \(key.name)")
        }
      }
    }
  }

  @Test(
    "notes of a melody are written as the key has them",
    arguments: [
      ("C", "C Db D Eb E F F# G Ab A Bb B"), ("A", "C C# D D# E F F# G G# A Bb B"),
      ("Bb", "C Db D Eb E F Gb G Ab A Bb B"), ("Am", "C C# D D# E F F# G G# A Bb B"),
      ("C#m", "B# C# D D# E F F# G G# A A# B"),
    ])
  func writesNotes(key: String, names: String) throws {
    let key = try #require(MusicalKey(key))
    let written = (0..<12).map { key.name(of: PitchClass(semitonesAboveC: $0)).description }
    #expect(written.joined(separator: " ") == names)
  }
}
