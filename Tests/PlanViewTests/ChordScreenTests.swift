import Testing

@testable import plan_view

/// The four lines of text after a stream.
private func screen(
  _ lines: [String], columns: Int = 80, glyphs: Glyphs = .unicode, isStyled: Bool = false
) throws -> [String] {
  try ChordScreen(glyphs: glyphs, isStyled: isStyled).lines(scene(lines), columns: columns)
}

private let session = [
  header, noteOn(72), noteOn(64, channel: 2), tick(37),
  plan(37, commit: 52, until: 64, [(32, "Am7"), (40, "D7"), (52, "G"), (56, "F#m7b5/A")]),
]

@Suite struct ChordScreenTests {
  @Test("shows the place, the held notes, the chord now and the next ones")
  func showsTimeNotesAndPlan() throws {
    #expect(
      try screen(session) == [
        "3:2  ○●○○  120 beats/min  4/4  tune.mid",
        "you   E4 C5",
        "now   ■ Am7",
        "next  ■ D7 3:3  □ G 4:2  □ F#m7b5/A 4:3",
      ])
  }

  @Test("tells committed from tentative chords in ASCII")
  func tellsCommittedFromTentativeInASCIIToo() throws {
    #expect(
      try screen(session, glyphs: .ascii) == [
        "3:2  .*..  120 beats/min  4/4  tune.mid",
        "you   E4 C5",
        "now   # Am7",
        "next  # D7 3:3  ? G 4:2  ? F#m7b5/A 4:3",
      ])
  }

  @Test("leaves out parts that do not fit whole")
  func showsChordsWholeOrNotAtAll() throws {
    #expect(try screen(session, columns: 25)[3] == "next  ■ D7 3:3  □ G 4:2")
    #expect(try screen(session, columns: 23)[0] == "3:2  ○●○○")
  }

  @Test("never draws wider than its columns", arguments: [1, 5, 20, 40, 80])
  func neverExceedsItsWidth(columns: Int) throws {
    #expect(try screen(session, columns: columns).allSatisfy { columnCount($0) <= columns })
  }

  @Test("draws tentative chords faint where styling is on")
  func styleAddsNothingButStyle() throws {
    let styled = try screen(session, isStyled: true)
    let (on, off) = ("\u{1B}[2m", "\u{1B}[0m")
    #expect(styled[3] == "next  ■ D7 3:3  \(on)□ G 4:2\(off)  \(on)□ F#m7b5/A 4:3\(off)")
  }

  @Test("shows the header before the first plan")
  func showsWhatIsThereBeforeTheFirstPlan() throws {
    #expect(
      try screen([header]) == [
        "-:-  120 beats/min  4/4  tune.mid", "you   –", "now   –", "next  –",
      ])
    #expect(try screen([])[0] == "waiting for a stream")
  }

  @Test("shows no chord after the end of the plan")
  func aPlanThatEndedShowsNothing() throws {
    #expect(try screen(session + [tick(64)])[2...] == ["now   –", "next  –"])
  }

  @Test("shows no held note after the end of the stream")
  func theEndReleasesAllNotes() throws {
    let lines = try screen(session + [#"{"type":"end","reason":"end of file"}"#])
    #expect(lines[0] == "3:2  ○●○○  120 beats/min  4/4  tune.mid  ended")
    #expect(lines[1] == "you   –")
  }
}
