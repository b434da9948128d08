import TestSupport
import Testing

/// Which part of a MIDI file midi-in plays, and what it says of it.
@Suite struct TrackCommandTests {
  @Test("of several parts the melody is played, and a line says which it is")
  func playsMelodyOfSeveralParts() throws {
    let outcome = try ToolRunner.shell("midi-in --pace fast --input Tests/Fixtures/bass-first.mid")
    #expect(outcome.status == 0)
    #expect(
      outcome.error == "midi-in: Tests/Fixtures/bass-first.mid: plays track 3, \"Solo\"; "
        + "--track plays another, --list-tracks FILE lists them\n")
    let notes = outcome.lines.filter { $0.contains("note_on") }
    #expect(notes.count == 4 && notes[0].contains(#""note":72"#))
  }

  @Test("nothing is said of a part that an option chose, or that is the only one")
  func saysNothingWithoutChoice() throws {
    let outcome = try ToolRunner.shell(
      """
      midi-in --pace fast --input Tests/Fixtures/bass-first.mid --track 2
      midi-in --pace fast --input Tests/Fixtures/bass-first.mid --channel 3
      midi-in --pace fast --input Examples/saints.mid
      """)
    #expect(outcome.status == 0 && outcome.error == "")
  }

  @Test("drums alone are refused with the option that plays them")
  func namesOptionForDrums() throws {
    let file = "Tests/Fixtures/drums-only.mid"
    let outcome = try ToolRunner.shell("midi-in --pace fast --input \(file)")
    #expect(outcome.status == 65 && outcome.output.isEmpty)
    #expect(
      outcome.error == "midi-in: \(file): expected a melody, found drums alone; "
        + "--channel 10 plays them\n")
    let drums = try ToolRunner.shell("midi-in --pace fast --input \(file) --channel 10")
    #expect(drums.lines.count { $0.contains("note_on") } == 3 && drums.error == "")
  }

  @Test("the parts of a file are listed, for people and for programs")
  func listsTracks() throws {
    let outcome = try ToolRunner.shell(
      """
      midi-in --list-tracks Tests/Fixtures/bass-first.mid
      midi-in --list-tracks - --json <Tests/Fixtures/bass-first.mid | jq -c '[.track, .melody]'
      """)
    #expect(
      outcome.text == """
           track  channel  program  notes  range  name
               2        2  33 bass      2  C2-G2  Bass
        *      3        3  66 reed      4  C5-G5  Solo
        [2,false]
        [3,true]

        """, "\(outcome.error)")
    #expect(outcome.error == "")
  }
}
