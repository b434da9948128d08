import Testing

@testable import plan_view

private func lines(_ records: [String], width: Int? = nil, isASCII: Bool = false) throws
  -> [String]
{
  let view = LineView(text: DisplayText(isASCII: isASCII), width: width)
  return try Array(written(view, [header] + records).dropFirst())
}

@Suite struct LineViewTests {
  @Test("opens with tempo, meter and source")
  func opensWithTempoMeterAndSource() throws {
    let view = LineView(text: DisplayText(), width: nil)
    #expect(try written(view, [header]) == ["120 beats/min  4/4  tune.mid"])
  }

  @Test("writes a line when a chord begins to sound")
  func aChordHasALineWhenItBeginsToSound() throws {
    let chords = [(0, "Am7"), (8, "D7"), (16, "G")]
    let records = [
      tick(-1), tick(0), plan(0, commit: 16, until: 32, chords), tick(7), tick(8), tick(9),
    ]
    #expect(
      try lines(records) == ["1:1  Am7  then D7  perhaps G", "1:3  D7  perhaps G"])
  }

  /// With `commit` 0, only the plan of a frame's own tick tells its chord.
  @Test("waits for the plan of the frame")
  func waitsForThePlanOfTheFrame() throws {
    let records = [
      tick(0), plan(0, commit: 0, until: 16, [(0, "C"), (4, "F")]),
      tick(4), plan(4, commit: 4, until: 16, [(4, "Dm"), (8, "G")]),
    ]
    #expect(try lines(records) == ["1:1  C  perhaps F", "1:2  Dm  perhaps G"])
  }

  @Test("writes no line for a second onset of the same chord")
  func aSecondOnsetHasNoLine() throws {
    let chords = [(0, "C"), (4, "C"), (8, "F"), (12, "F"), (16, "C")]
    let records = [tick(0), plan(0, commit: 32, until: 32, chords), tick(4), tick(8), tick(12)]
    #expect(try lines(records) == ["1:1  C  then F, C", "1:3  F  then C"])
  }

  @Test("writes no line for a chord that is spelled anew")
  func anotherSpellingHasNoLine() throws {
    let records = [
      tick(0), plan(0, commit: 4, until: 16, [(0, "Db/F"), (4, "C#/E#"), (8, "F")]),
      tick(4), plan(4, commit: 16, until: 16, [(4, "C#/E#"), (8, "F")]), tick(8), tick(9),
    ]
    #expect(try lines(records) == ["1:1  Db/F  perhaps F", "1:3  F"])
  }

  @Test("writes N.C. for no chord")
  func noChordIsWrittenAsOnLeadSheets() throws {
    let records = [tick(0), plan(0, commit: 8, until: 8, [(0, "N"), (4, "C")])]
    #expect(try lines(records) == ["1:1  N.C.  then C"])
  }

  @Test("writes lines for changes of tempo and meter and for markers")
  func changesAndMarkersHaveLines() throws {
    let records = [
      tick(16), #"{"type":"tempo","frame":16,"value":92.5}"#,
      #"{"type":"meter","frame":16,"value":"6/8"}"#, tick(24), #"{"type":"marker","text":"verse"}"#,
    ]
    #expect(try lines(records) == ["2:1  92.5 beats/min", "2:1  6/8", #"2:2.33  "verse""#])
  }

  @Test("cuts lines at its width")
  func keepsToItsWidth() throws {
    let records = [tick(0), plan(0, commit: 32, until: 32, [(0, "Am7"), (8, "D7"), (16, "G")])]
    #expect(try lines(records, width: 14) == ["1:1  Am7  the…"])
    #expect(try lines(records, width: 14, isASCII: true) == ["1:1  Am7  the~"])
  }

  @Test("writes nothing before the first plan")
  func sayNothingBeforeThereIsAPlan() throws {
    #expect(try lines([tick(0), noteOn(60), tick(1)]) == [])
  }
}
