import Keys
import TestSupport
import Testing

@testable import plan_view

@Suite struct BigLettersTests {
  private func drawn(_ name: String) -> [String]? {
    BigLetters.dots(name)?.map { String($0.map { $0 ? "#" : "." }) }
  }

  @Test("sets the root large and the rest of a chord name small")
  func setsARootLargeAndTheRestSmall() {
    #expect(
      drawn("Bb7")
        == [
          "####..#.......",
          "#...#.#.......",
          "#...#.##..###.",
          "####..#.#...#.",
          "#...#.##....#.",
          "#...#......#..",
          "####.......#..",
        ].map { String($0.dropLast()) })
  }

  /// Every quality of the vocabulary in every notation, on three roots.
  @Test("has a drawing for every character of chord names")
  func knowsEverySignOfChords() throws {
    let qualities = try repositoryFile("Tests/Fixtures/chord-qualities.tsv").split(separator: "\n")
      .dropFirst().map { $0.split(separator: "\t", omittingEmptySubsequences: false)[1] }
    try #require(qualities.count > 20)
    for quality in qualities {
      for root in ["C", "F#", "Bb"] {
        for notation in Notation.allCases {
          let naming = ChordNaming(notation: notation, key: MusicalKey("D"))
          let name = naming.name("\(root)\(quality)/E")
          guard !name.hasSuffix("…") else { continue }
          #expect(BigLetters.dots(name) != nil, "\(name)")
        }
      }
    }
    #expect(BigLetters.dots("N.C.") != nil)
    #expect(BigLetters.dots("H?") == nil)
  }

  @Test("scales each dot to a square of dots")
  func growsByWholeDots() {
    #expect(
      BigLetters.scaled([[true, false]], by: 2) == [
        [true, true, false, false], [true, true, false, false],
      ])
  }
}
