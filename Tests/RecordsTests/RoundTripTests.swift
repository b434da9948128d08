import Music
import Records
import TestSupport
import Testing

@Suite struct RoundTripTests {
  @Test("reads printed records as they were", arguments: 0..<20) func readingUndoesPrinting(
    seed: UInt64
  ) throws {
    var generator = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let record = Record.random(using: &generator)
      let line = RecordPrinter().line(record)
      #expect(try Record(parsing: line) == record, "seed \(seed): \(text(line))")
      #expect(line.count <= Limits.line)
      #expect(line.firstIndex(of: UInt8(ascii: "\n")) == line.count - 1)
    }
  }

  @Test(
    "prints read lines as they were",
    arguments: [
      #"{"t":0,"type":"header","format":"jam","version":1,"tempo":120,"meter":"4/4","frames_per_beat":4,"producer":"midi-in 0.1.0","source":"take.mid"}"#,
      #"{"t":0,"type":"header","format":"jam","version":1,"epoch_us":81234567,"wall":"2026-05-01T20:00:00Z","tempo":92.5,"meter":"6/8","frames_per_beat":12,"producer":"","source":""}"#,
      #"{"t":510230,"type":"note_on","ch":1,"note":60,"vel":96}"#,
      #"{"t":742118,"type":"note_off","ch":16,"note":127,"vel":0}"#,
      #"{"t":742118,"type":"control","ch":1,"controller":64,"value":127}"#,
      #"{"t":742118,"type":"program","ch":10,"program":0}"#,
      #"{"t":742118,"type":"bend","ch":1,"value":-8192}"#,
      #"{"t":9007199254740991,"type":"tick","frame":-16}"#,
      #"{"t":1,"type":"tempo","frame":64,"value":87.3}"#,
      #"{"t":1,"type":"meter","frame":64,"value":"3/4"}"#,
      #"{"t":1,"type":"meter","frame":64,"value":"3+2+2/8"}"#,
      #"{"t":1,"type":"set","name":"temperature","value":0.8}"#,
      #"{"t":1,"type":"set","name":"model","value":"a \"b\" \\ \t\u0001\u007f 𝄞"}"#,
      #"{"t":1,"type":"set","name":"follow","value":true}"#,
      #"{"t":1,"type":"plan","frame":0,"rev":1,"commit":4,"until":8,"chords":[{"from":-2,"to":4,"chord":"Am7","bass":9},{"from":4,"to":6,"chord":"C","bass":0,"confidence":0.83},{"from":6,"to":8,"chord":"N"}],"melody":[{"from":1,"to":3,"note":69}]}"#,
      #"{"t":1,"type":"plan","frame":0,"rev":1,"commit":4,"until":0,"chords":[],"melody":[]}"#,
      #"{"t":1,"type":"marker","text":"verse"}"#,
      #"{"t":1,"type":"stat","late":0,"plan_ms":3.25,"tiny":1e-07,"huge":1e+21}"#,
      #"{"t":1,"type":"stat"}"#,
      #"{"t":1,"type":"settings","commit":1,"top_p":0.9,"model":"bal\u001blads","melody":true}"#,
      #"{"t":1,"type":"settings"}"#,
      #"{"t":1,"type":"end","reason":"end of file"}"#,
      #"{"t":1,"type":"lyric"}"#,
    ])
  func printingUndoesReading(line: String) throws {
    #expect(text(RecordPrinter().line(try Record(parsing: line))) == line + "\n")
  }

  @Test(
    "reads other spellings of a record",
    arguments: [
      (
        #" { "frame" : 3 , "type" : "tick" , "t" : 7 } "#,
        Record(time: .init(7), event: .tick(.init(3)))
      ),
      (#"{"type":"tick","frame":3.0,"t":7e0}"#, Record(time: .init(7), event: .tick(.init(3)))),
      (
        #"{"type":"tick","frame":30e-1,"t":0.7E+1}"#, Record(time: .init(7), event: .tick(.init(3)))
      ),
      (
        #"{"t":7,"type":"tick","frame":1,"frame":3}"#,
        Record(time: .init(7), event: .tick(.init(3)))
      ),
      (
        #"{"\u0074":7,"type":"t\u0069ck","fr\u0061me":3}"#,
        Record(time: .init(7), event: .tick(.init(3)))
      ),
      (
        #"{"t":7,"type":"tick","frame":3,"x":[{"frame":[1,{}]},[],{"a":null}],"y":-0.5e-3}"#,
        Record(time: .init(7), event: .tick(.init(3)))
      ),
      (
        #"{"t":7,"type":"tempo","frame":3,"value":1.2e2}"#,
        Record(time: .init(7), event: .tempo(frame: .init(3), beatsPerMinute: 120))
      ),
      (
        #"{"t":7,"type":"marker","text":"\ud834\udd1e\/\u00e9"}"#,
        Record(time: .init(7), event: .marker(text: "𝄞/é"))
      ),
      (
        #"{"t":7,"type":"stat","a":1,"b":"2","c":[3],"d":4,"e":null}"#,
        Record(
          time: .init(7), event: .stat([.init(name: "a", value: 1), .init(name: "d", value: 4)]))
      ),
      (
        #"{"t":7,"type":"settings","a":1,"b":"2","c":[3],"d":false,"e":null,"f":1e400}"#,
        Record(
          time: .init(7),
          event: .settings([
            .init(name: "a", value: .number(1)), .init(name: "b", value: .text("2")),
            .init(name: "d", value: .flag(false)),
          ]))
      ),
      (
        #"{"t":7,"type":"note_on","ch":1,"note":60,"vel":0}"#,
        Record(
          time: .init(7),
          event: .message(
            .noteOff(.init(channel: Channel(1)!, pitch: Pitch(60)!, velocity: Velocity(0)!))))
      ),
      (
        #"{"t":7,"type":"header","format":"jam","version":1,"epoch_us":null}"#,
        Record(time: .init(7), event: .header(.init(producer: "", source: "")))
      ),
    ])
  func otherWaysToWrite(line: String, record: Record) throws {
    #expect(try Record(parsing: line) == record)
  }

  @Test("reads numbers as the nearest double", arguments: 0..<4) func numbersAreReadToTheNearest(
    seed: UInt64
  ) throws {
    var generator = SplitMix64(seed: seed)
    for _ in 0..<2000 {
      let digits = Int.random(in: 1...20, using: &generator)
      var number = Bool.random(using: &generator) ? "-" : ""
      number += String(Int.random(in: 1...9, using: &generator))
      for _ in 0..<digits { number += String(Int.random(in: 0...9, using: &generator)) }
      if Bool.random(using: &generator) { number += "." + String(generator.next() % 1_000_000) }
      if Bool.random(using: &generator) {
        number += "e\(Int.random(in: -40...40, using: &generator))"
      }
      let record = try Record(parsing: #"{"t":0,"type":"set","name":"x","value":\#(number)}"#)
      #expect(
        record.event == .set(name: "x", value: .number(Double(number)!)), "seed \(seed): \(number)")
    }
  }
}

func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }
