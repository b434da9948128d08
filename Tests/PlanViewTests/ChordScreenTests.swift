import Testing

@testable import plan_view

/// Four lines of text for the state after the records.
private func screen(
  _ lines: [String], columns: Int = 80, glyphs: Glyphs = .unicode, isStyled: Bool = false
) throws -> [String] {
  var state = ViewState()
  for record in try records(lines.joined(separator: "\n")) { state.receive(record) }
  return ChordScreen(glyphs: glyphs, isStyled: isStyled).lines(state, columns: columns)
}

private let session = [
  header, noteOn(72), noteOn(64, channel: 2), tick(37),
  plan(37, commit: 52, until: 64, [(32, "Am7"), (40, "D7"), (52, "G"), (56, "F#m7b5/A")]),
]

@Suite struct ChordScreenTests {
  @Test func showsTimeNotesAndPlan() throws {
    #expect(
      try screen(session) == [
        "3:2  ○●○○  120 beats/min  4/4  tune.mid",
        "you   E4 C5",
        "now   ■ Am7",
        "next  ■ D7 3:3  □ G 4:2  □ F#m7b5/A 4:3",
      ])
  }

  @Test func tellsCommittedFromTentativeInASCIIToo() throws {
    #expect(
      try screen(session, glyphs: .ascii) == [
        "3:2  .*..  120 beats/min  4/4  tune.mid",
        "you   E4 C5",
        "now   # Am7",
        "next  # D7 3:3  ? G 4:2  ? F#m7b5/A 4:3",
      ])
  }

  @Test func showsChordsWholeOrNotAtAll() throws {
    #expect(try screen(session, columns: 25)[3] == "next  ■ D7 3:3  □ G 4:2")
    #expect(try screen(session, columns: 23)[0] == "3:2  ○●○○")
  }

  @Test(arguments: [1, 5, 20, 40, 80]) func neverExceedsItsWidth(columns: Int) throws {
    #expect(try screen(session, columns: columns).allSatisfy { columnCount($0) <= columns })
  }

  @Test func styleAddsNothingButStyle() throws {
    let styled = try screen(session, isStyled: true)
    let (on, off) = ("\u{1B}[2m", "\u{1B}[0m")
    #expect(styled[3] == "next  ■ D7 3:3  \(on)□ G 4:2\(off)  \(on)□ F#m7b5/A 4:3\(off)")
  }

  @Test func showsWhatIsThereBeforeTheFirstPlan() throws {
    #expect(
      try screen([header]) == [
        "-:-  120 beats/min  4/4  tune.mid", "you   –", "now   –", "next  –",
      ])
    #expect(try screen([])[0] == "waiting for a stream")
  }

  @Test func aPlanThatEndedShowsNothing() throws {
    #expect(try screen(session + [tick(64)])[2...] == ["now   –", "next  –"])
  }

  @Test func theEndReleasesAllNotes() throws {
    let lines = try screen(session + [#"{"type":"end","reason":"end of file"}"#])
    #expect(lines[0] == "3:2  ○●○○  120 beats/min  4/4  tune.mid  ended")
    #expect(lines[1] == "you   –")
  }
}

@Suite struct ViewStateTests {
  @Test func aNoteSoundsUntilItsOwnChannelReleasesIt() throws {
    var state = ViewState()
    for line in [noteOn(60), noteOn(60, channel: 2), noteOff(60)] {
      for record in try records(line) { state.receive(record) }
    }
    #expect(state.sounding.pitches.map(\.rawValue) == [60])
    for record in try records(noteOff(60, channel: 2)) { state.receive(record) }
    #expect(state.sounding.pitches.isEmpty)
  }

  /// Frame, meter, place, beat.
  @Test(arguments: [
    (0, "4/4", "1:1", "1:1"), (3, "4/4", "1:1.75", "1:1"), (-1, "4/4", "0:4.75", "0:4"),
    (-17, "4/4", "-1:4.75", "-1:4"), (17, "4/4", "2:1.25", "2:1"), (12, "3/4", "2:1", "2:1"),
    (14, "6/8", "2:2", "2:2"), (2, "7/8", "1:2", "1:2"),
  ])
  func countsAsMusiciansDo(frame: Int, meter: String, place: String, beat: String) throws {
    var state = ViewState()
    let header = header.replacing("4/4", with: meter)
    for record in try records(header) { state.receive(record) }
    #expect(state.place(of: .init(frame)) == place)
    #expect(state.beat(of: .init(frame)) == beat)
  }

  @Test(arguments: [
    (120.0, 1, "120"), (92.5, 1, "92.5"), (99.96, 1, "100"), (2.05, 2, "2.05"), (-1.5, 2, "-1.5"),
  ])
  func writesDecimals(value: Double, places: Int, text: String) {
    #expect(decimal(value, places: places) == text)
  }
}
