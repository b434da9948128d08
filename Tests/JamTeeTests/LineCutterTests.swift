import Testing

@testable import jam_tee

@Suite struct LineCutterTests {
  /// The lines that each block completes, and the rest at the end.
  private func pieces(_ blocks: [String]) -> [String] {
    var cutter = LineCutter()
    return blocks.map { String(decoding: cutter.feed(Array($0.utf8)[...]), as: UTF8.self) }
      + [String(decoding: cutter.finish(), as: UTF8.self)]
  }

  @Test(
    "gives each line as soon as it is whole",
    arguments: [
      ([], [""]),
      (["a\n"], ["a\n", ""]),
      (["a\nb\n"], ["a\nb\n", ""]),
      (["a", "b\nc"], ["", "ab\n", "c"]),
      (["a\nb", "c", "\n"], ["a\n", "", "bc\n", ""]),
      (["\n\n", "x"], ["\n\n", "", "x"]),
    ]) func givesWholeLinesAsSoonAsTheyAre(blocks: [String], wanted: [String])
  {
    #expect(pieces(blocks) == wanted)
  }

  @Test("passes an endless line on in pieces")
  func passesAnEndlessLineOnInPieces() {
    let half = String(repeating: "x", count: LineCutter.longest / 2)
    #expect(pieces([half, half, "y\n"]) == ["", half + half, "y\n", ""])
  }
}
