import Music
import Records
import Testing

@testable import StreamChecking

@Suite struct StreamCheckTests {
  private static let header = #"{"t":0,"type":"header","format":"jam","version":1}"#
  private static let end = #"{"t":9000,"type":"end","reason":"eof"}"#

  private static func tick(_ frame: Int) -> String {
    #"{"t":\#(1000 + frame),"type":"tick","frame":\#(frame)}"#
  }

  private static func plan(
    _ frame: Int, rev: Int, commit: Int, until: Int, _ chords: [(Int, Int, String)]
  ) -> String {
    let chords = chords.map { #"{"from":\#($0.0),"to":\#($0.1),"chord":"\#($0.2)"}"# }
    return #"{"t":\#(1000 + frame),"type":"plan","frame":\#(frame),"rev":\#(rev),"#
      + #""commit":\#(commit),"until":\#(until),"chords":[\#(chords.joined(separator: ","))],"#
      + #""melody":[]}"#
  }

  /// The rule and the line of each breach of a stream.
  private func breaches(_ lines: [String]) -> [String] {
    var check = StreamCheck()
    let found = lines.flatMap { check.receive(Array($0.utf8)) } + check.finish()
    #expect(check.summary.breaches == found.count && check.summary.lines == lines.count)
    return found.map { "\($0.rule) \($0.line)" }
  }

  /// A header, the lines, and the end.
  private func breaches(within lines: String...) -> [String] {
    breaches([Self.header] + lines + [Self.end])
  }

  @Test("a stream that follows the rules has no breach")
  func acceptsGoodStream() {
    #expect(breaches(within: Self.tick(0), #"{"t":1000,"type":"lyric","text":5}"#) == [])
    let chords = [(0, 4, "C"), (4, 8, "F")]
    #expect(
      breaches(
        within: #"{"t":5,"type":"note_on","ch":1,"note":60,"vel":9}"#, Self.tick(0),
        Self.plan(0, rev: 1, commit: 4, until: 8, chords), Self.tick(1),
        Self.plan(1, rev: 2, commit: 5, until: 9, [(0, 4, "C"), (4, 9, "F")]),
        #"{"t":1003,"type":"note_off","ch":1,"note":60,"vel":0}"#, Self.tick(5),
        Self.plan(5, rev: 3, commit: 9, until: 13, [(4, 9, "F"), (9, 13, "N")]), Self.tick(6))
        == [])
  }

  @Test("finds lines that are no records, and goes on after them")
  func findsSyntax() {
    let long = String(repeating: " ", count: 4096)
    #expect(
      breaches(within: "", "{", long, #"{"t":1,"type":"tick"}"#, Self.tick(1))
        == ["syntax 2", "syntax 3", "syntax 4", "syntax 5"])
  }

  @Test("finds what is wrong with headers and times")
  func findsOrder() {
    #expect(breaches([]) == ["order 0", "ending 0"])
    #expect(breaches([Self.tick(0), Self.header, Self.end]) == ["order 2", "order 2"])
    #expect(breaches(within: Self.header) == ["order 2"])
    #expect(breaches(within: Self.tick(5), Self.tick(7), #"{"t":0,"type":"x"}"#) == ["order 4"])
  }

  @Test("finds ticks that do not go on")
  func findsTicks() {
    #expect(breaches(within: Self.tick(3), Self.tick(3)) == ["tick 3"])
    #expect(breaches(within: Self.tick(-3), Self.tick(-9)) == ["order 3", "tick 3"])
  }

  @Test("finds plans that answer no tick, are numbered wrongly or leave gaps")
  func findsPlans() {
    func found(_ plan: String) -> [String] { breaches(within: Self.tick(0), plan) }
    #expect(
      breaches(within: Self.plan(0, rev: 1, commit: 1, until: 2, [(0, 2, "C")])) == ["plan 2"])
    #expect(found(Self.plan(0, rev: 2, commit: 1, until: 2, [(0, 2, "C")])) == ["plan 3"])
    #expect(found(Self.plan(0, rev: 1, commit: 3, until: 2, [(0, 2, "C")])) == ["plan 3"])
    #expect(
      found(Self.plan(0, rev: 1, commit: 1, until: 4, [(0, 2, "C"), (3, 4, "C")])) == ["plan 3"])
    #expect(found(Self.plan(0, rev: 1, commit: 1, until: 4, [(1, 4, "C")])) == ["plan 3"])
    #expect(found(Self.plan(0, rev: 1, commit: 1, until: 4, [(0, 3, "C")])) == ["plan 3"])
    #expect(found(Self.plan(0, rev: 1, commit: 1, until: 4, [(0, 5, "C")])) == ["plan 3"])
    #expect(found(Self.plan(0, rev: 1, commit: 1, until: 4, [])) == ["plan 3"])
    #expect(found(Self.plan(0, rev: 1, commit: 1, until: 4, [(0, 4, "H")])) == ["chord 3"])
  }

  @Test("finds broken commitments")
  func findsCommitments() {
    func found(_ second: String) -> [String] {
      breaches(
        within: Self.tick(0),
        Self.plan(0, rev: 1, commit: 6, until: 8, [(0, 4, "C"), (4, 8, "F")]), Self.tick(1), second)
    }
    #expect(
      found(Self.plan(1, rev: 2, commit: 5, until: 8, [(0, 4, "C"), (4, 8, "F")])) == [
        "commitment 5"
      ])
    #expect(
      found(Self.plan(1, rev: 2, commit: 6, until: 8, [(0, 4, "C"), (4, 8, "G")])) == [
        "commitment 5"
      ])
    #expect(found(Self.plan(1, rev: 2, commit: 6, until: 8, [(0, 8, "C")])) == ["commitment 5"])
    #expect(
      found(Self.plan(1, rev: 2, commit: 6, until: 8, [(0, 3, "C"), (3, 4, "C"), (4, 8, "F")]))
        == ["commitment 5"])
    #expect(
      found(Self.plan(1, rev: 2, commit: 6, until: 8, [(0, 4, "C"), (4, 6, "F"), (6, 8, "G")]))
        == [])
  }

  @Test("finds frames that are not committed when the next begins, but for the last and in pauses")
  func findsMissedTicks() {
    let plan = Self.plan(0, rev: 1, commit: 4, until: 8, [(0, 8, "C")])
    #expect(
      breaches(within: Self.tick(0), plan, Self.tick(3), Self.tick(4), Self.tick(5)) == ["missed 5"]
    )
    #expect(breaches(within: Self.tick(0), Self.tick(1), Self.tick(2)) == [])
    let pause = #"{"t":1004,"type":"set","name":"playing","value":false}"#
    #expect(breaches(within: Self.tick(0), plan, Self.tick(4), pause, Self.tick(5)) == [])
  }

  @Test("finds notes that sound on, and a stream without its end")
  func findsEndings() {
    let note = #"{"t":5,"type":"note_on","ch":2,"note":60,"vel":9}"#
    #expect(breaches(within: note) == ["note 3"])
    #expect(breaches([Self.header, Self.tick(0)]) == ["ending 2"])
  }

  @Test("keeps nothing of what lies behind")
  func staysSmall() {
    var check = StreamCheck()
    _ = check.receive(Array(Self.header.utf8))
    for frame in 0..<3_000 {
      let chords = [(frame, frame + 1, "C"), (frame + 1, frame + 2, "F")]
      _ = check.receive(Array(Self.tick(frame).utf8))
      let plan = Self.plan(frame, rev: frame + 1, commit: frame + 1, until: frame + 2, chords)
      #expect(check.receive(Array(plan.utf8)) == [])
    }
    #expect(check.summary.types["plan"] == 3_000)
  }
}

@Suite struct LineSplitterTests {
  @Test("splits blocks of any size into the same lines", arguments: 1...9)
  func splits(size: Int) {
    let bytes = Array("one\n\nthree\nlongest\nlast".utf8)
    var splitter = LineSplitter(longest: 5)
    var lines: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      lines += splitter.feed(bytes[start..<min(start + size, bytes.count)])
    }
    if let last = splitter.finish() { lines.append(last) }
    #expect(
      lines.map { String(decoding: $0, as: UTF8.self) } == ["one", "", "three", "longe", "last"])
    #expect(splitter.finish() == nil)
  }
}
