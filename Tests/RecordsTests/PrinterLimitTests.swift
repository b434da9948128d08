import Music
import Records
import TestSupport
import Testing

@Suite struct PrinterLimitTests {
  @Test(
    "cuts a long text between two characters",
    arguments: ["a", "é", "♯", "𝄞", "\"", "\n", "\u{1}", "a𝄞", "ab\n𝄞"])
  func textsAreCutBetweenCharacters(piece: String) throws {
    let long = String(repeating: piece, count: 5000)
    let events: [Event] = [
      .marker(text: long), .end(reason: long), .unknown(type: long),
      .set(name: long, value: .text(long)),
      .header(
        Header(
          epoch: Microseconds(.max), wall: long, tempo: 0.1 + 0.2, producer: long, source: long)),
    ]
    for event in events {
      let line = RecordPrinter().line(Record(time: Microseconds(.min), event: event))
      #expect(line.count <= Limits.line)
      #expect(line.count > Limits.line - 8)
      #expect(line.last == UInt8(ascii: "\n"))
      #expect(String(validating: line, as: UTF8.self) != nil)
    }
    let marker = RecordPrinter().line(Record(time: .zero, event: .marker(text: long)))
    guard case .marker(let text) = try Record(parsing: marker).event else {
      Issue.record("no marker")
      return
    }
    #expect(long.unicodeScalars.starts(with: text.unicodeScalars))
  }

  @Test("leaves a text whole that just fits")
  func aTextThatFitsIsWhole() throws {
    let room = Limits.line - #"{"t":0,"type":"marker","text":""}"#.utf8.count - 1
    for (length, printed) in [(room - 1, room - 1), (room, room), (room + 1, room)] {
      let text = String(repeating: "x", count: length)
      let line = RecordPrinter().line(Record(time: .zero, event: .marker(text: text)))
      #expect(try Record(parsing: line).event == .marker(text: String(text.prefix(printed))))
    }
  }

  @Test("has room for a plan of 32 frames with a chord and a note each")
  func aFullPlanFits() throws {
    let start = 9_999_000
    let plan = Plan(
      frame: Frame(start), revision: 9_999_999, commit: Frame(start + 4), until: Frame(start + 32),
      chords: (0..<32).map {
        PlannedChord(
          from: Frame(start + $0), to: Frame(start + $0 + 1), symbol: "F#m7b5/C#", bass: 11,
          confidence: 0.99)
      },
      melody: (0..<32).map {
        PlannedNote(from: Frame(start + $0), to: Frame(start + $0 + 1), pitch: Pitch(127)!)
      })
    let record = Record(time: Microseconds(999_999_999_999), event: .plan(plan))
    #expect(try Record(parsing: RecordPrinter().line(record)) == record)
  }

  @Test(
    "brings the horizon of a plan nearer that does not fit", arguments: [40, 60, 100, 1000],
    ["C", "F#m7b5/C#", String(repeating: "\u{1}", count: 900)])
  func aLongPlanIsShortened(count: Int, symbol: String) throws {
    let plan = Plan(
      frame: .init(0), revision: 1, commit: .init(4), until: .init(count),
      chords: (0..<count).map { PlannedChord(from: Frame($0), to: Frame($0 + 1), symbol: symbol) },
      melody: (0..<count).map {
        PlannedNote(from: Frame($0), to: Frame($0 + 1), pitch: Pitch(60)!)
      })
    let line = RecordPrinter().line(Record(time: .zero, event: .plan(plan)))
    #expect(line.count <= Limits.line)
    guard case .plan(let printed) = try Record(parsing: line).event else {
      Issue.record("no plan")
      return
    }
    #expect(plan.chords.starts(with: printed.chords))
    #expect(plan.melody.starts(with: printed.melody))
    #expect(printed.until == printed.chords.last?.to ?? plan.frame)
    #expect(printed.chords.isEmpty == (symbol.utf8.count > 600))
  }

  @Test("drops the last counters of a stat that does not fit")
  func aLongStatIsShortened() throws {
    let counters = (0..<1000).map {
      Counter(name: "counter \($0)", value: -1.2345678901234567e-100)
    }
    let line = RecordPrinter().line(Record(time: .zero, event: .stat(counters)))
    #expect(line.count <= Limits.line)
    guard case .stat(let printed) = try Record(parsing: line).event else {
      Issue.record("no stat")
      return
    }
    #expect(printed.count > 80)
    #expect(counters.starts(with: printed))
  }

  @Test("prints 0 for infinity and NaN")
  func infiniteNumbersAreZero() throws {
    let counters = [Double.infinity, -.infinity, .nan, -0.0].map { Counter(name: "x", value: $0) }
    let line = RecordPrinter().line(Record(time: .zero, event: .stat(counters)))
    #expect(text(line) == #"{"t":0,"type":"stat","x":0,"x":0,"x":0,"x":0}"# + "\n")
  }
}
