import Testing

@testable import Chords

@Suite struct SheetSpellingTests {
  /// Each line: a canonical symbol, then other spellings of it.
  static let spellings = """
    Cmaj7 | C△7 | C△ | C▵7 | C∆ | CΔ7 | C^ | C^7 | Cj7 | CMA7 | CMaj7 | CMAJ7 | Cma7 | CM7 | C7M
    Cmaj7 | C maj7 | C maj 7 | C:maj7 | C(maj7) | Cmajor7 | C major 7 | C⁷M | C(#7)
    Cm7 | CMI7 | CMIN7 | Cmi7 | C-7 | C–7 | Cmin7 | C:min7 | C m7 | C min 7 | Cminor7 | Cm⁷ | C−7
    CmMaj7 | CmM7 | Cmi(ma7) | CMI(MA7) | Cm/maj7 | C-△7 | C-^7 | C:minmaj7 | Cm(#7) | Cm#7 | Cm7M
    Cdim7 | Cº7 | C°7 | C˚7 | Co7 | CDIM7 | C:dim7 | C dim7 | Cdiminished7
    Cdim | Cº | C° | Co | C:dim | CDIM
    Cm7b5 | Ch | Ch7 | Cø | CØ7 | C⌀7 | C∅ | Cm7(b5) | C-7b5 | C:hdim7 | Cmi7(♭5) | CMI7(b5)
    Cm7b5 | Cm7/b5 | Cm7-5 | C halfdim | Cm7(5b) | Cm7(-5) | C–7♭5
    Caug | C+ | CAUG | C:aug | Caugmented
    C(b5) | C-5 | C5b | C b5
    C7add13 | C7(13) | C7/13 | C7/6 | C7 13 | C7,13
    C9 | C7/9 | C7(9) | C7 9 | C:9 | C:7(9) | Cdom9 | C⁹
    Cm7add11 | Cm7(11) | Cm7/11 | C-7(11) | C:min7(11)
    C69 | C6/9 | C6(9) | C6 9 | C6,9 | C6⁄9 | C⁶⁹ | Cmaj6/9
    C13 | C7(9,13) | C7/9/13 | C7 (9 13)
    C7b9 | C7(b9) | C7(♭9) | C7 b9 | C7/b9 | C7[b9] | C7-9 | C7(9-) | C7(9b) | C:7(b9)
    C7#9 | C7(#9) | C7♯9 | C7/#9 | C7(9+) | C7 +9
    C7b9b13 | C7(b9,b13) | C7(b9/b13) | C7(b9 b13) | C7 b9 b13 | C7b9,b13
    C7alt | Calt | CALT | C7ALT | Caltered | C7(alt)
    Csus4 | Csus | CSUS | CSUS4 | C sus4 | C sus 4 | C4 | C:sus4
    C7sus4 | C7sus | Csus7 | C7SUS4 | C7(4) | C7/4 | C:sus4(b7) | C7 sus 4 | C4/7
    C9sus4 | C9sus | Csus9 | C:sus4(b7,9)
    C7add11 | C7susadd3
    Cadd9 | C2 | CADD9 | C add 9 | C(add9) | C/9 | C:maj(9)
    Cmadd9 | Cm(add9) | Cm/9 | CMI(ADD9) | C:min(9)
    C5 | C(no3) | C no 3 | C(no3rd) | C:5 | C:(1,5) | COMIT3
    Cmaj7#11 | C△7(#11) | C^7#11 | CMA7(#11) | Cmaj7(11+) | C:maj7(#11)
    C7 | C:7 | C:(3,5,b7) | Cdom7 | C dominant 7 | C/7
    Cm/Eb | C:min/b3 | C- / Eb | CMI/Eb
    C/E | C:maj/3 | C / E | C:/3
    C7/Bb | C:7/b7
    N | n.c. | N. C. | NC. | nc | NC | N.C.
    """

  @Test("sheets' spellings of a chord are read", arguments: spellings.split(separator: "\n"))
  func reads(line: Substring) throws {
    let symbols = line.split(separator: "|").map { $0.drop { $0 == " " } }
    let canonical = try ChordSymbol(String(symbols[0]))
    for spelling in symbols {
      let symbol = try? ChordSymbol(String(spelling))
      #expect(symbol == canonical, "\(spelling) is \(symbol.map { "\($0)" } ?? "not read")")
    }
  }

  @Test(
    "what is no spelling is refused",
    arguments: [
      "C:maj(", "C:min/", "C:min/x", "C7,", "C7(5)", "C(3)", "Cmaj7(b7)", "C//E", "C/E/G",
      "CMX7", "C7 8", "X", "C:min(8)",
    ])
  func refuses(_ text: String) { #expect(throws: ChordSymbolError.self) { try ChordSymbol(text) } }
}
