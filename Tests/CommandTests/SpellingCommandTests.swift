import Foundation
import Records
import TestSupport
import Testing

/// Sharps and flats, from a MIDI file to what is shown and written.
@Suite struct SpellingCommandTests {
  @Test("transposed chords are written in the transposed key")
  func transposesIntoKey() throws {
    let outcome = try ToolRunner.shell(
      "plan-view --style line --transpose 2 < Tests/Fixtures/sharp-chords.jsonl")
    #expect(
      outcome.lines.dropFirst() == [
        "1:1  F#", "1:2  D#m7", "1:3  G#m7", "1:4  C#7", "2:1  E7/G#",
      ])
  }

  @Test("a tune in B gets chords with sharps, in the stream, in lines and in markers")
  func spellsInB() throws {
    try ToolRunner.withTemporaryFolder { folder in
      let outcome = try ToolRunner.shell(
        """
        midi-in --input "$JAMLINE_ROOT"/Tests/Fixtures/in-b-major.mid --pace fast | jam-agent > s.jsonl
        plan-view --style line < s.jsonl
        midi-out --pace fast --output s.mid < s.jsonl
        plan-view --export s.svg < s.jsonl
        """, folder: folder)
      #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
      let stream = try ToolRunner.shell("cat s.jsonl", folder: folder)
      let symbols = try AgentStream.plans(stream.lines).flatMap { $0.chords.map(\.symbol) }
      let names = Set(symbols)
      #expect(names.contains { $0.hasPrefix("C#m") }, "\(names.sorted())")
      #expect(!names.contains { $0.contains(/[A-G]b/) }, "\(names.sorted())")
      #expect(outcome.text.contains("C#m") && !outcome.text.contains("Db"))
      for file in ["s.mid", "s.svg"] {
        let bytes = try Data(contentsOf: folder.appendingPathComponent(file))
        #expect(bytes.range(of: Data("C#m".utf8)) != nil, "\(file)")
        #expect(bytes.range(of: Data("Db".utf8)) == nil, "\(file)")
      }
    }
  }
}
