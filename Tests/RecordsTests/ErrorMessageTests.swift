import Music
import Records
import TestSupport
import Testing

@Suite struct ErrorMessageTests {
  @Test(
    "names the field that is wrong, and what was expected",
    arguments: [
      (
        #"{"t":0,"type":"note_on","ch":1,"note":"zz","vel":1}"#, "note", 39,
        #"expected a pitch 0 to 127 in "note", found "zz""#
      ),
      (
        #"{"t":0,"type":"note_on","ch":1,"note":128,"vel":1}"#, "note", 39,
        #"expected a pitch 0 to 127 in "note", found 128"#
      ),
      (
        #"{"t":0,"type":"note_on","ch":1,"note":60.5,"vel":1}"#, "note", 39,
        #"expected a pitch 0 to 127 in "note", found 60.5"#
      ),
      (
        #"{"t":0,"type":"note_on","ch":0,"note":60,"vel":1}"#, "ch", 30,
        #"expected a channel 1 to 16 in "ch", found 0"#
      ),
      (
        #"{"t":0,"type":"note_off","ch":1,"note":60}"#, "vel", 1,
        #"expected a velocity 0 to 127 in "vel", found nothing"#
      ),
      (
        #"{"t":0,"type":"control","ch":1,"controller":null,"value":1}"#, "controller", 45,
        #"expected a controller 0 to 127 in "controller", found null"#
      ),
      (
        #"{"t":0,"type":"control","ch":1,"controller":1,"value":-1}"#, "value", 55,
        #"expected a value 0 to 127 in "value", found -1"#
      ),
      (
        #"{"t":0,"type":"program","ch":1,"program":128}"#, "program", 42,
        #"expected a program 0 to 127 in "program", found 128"#
      ),
      (
        #"{"t":0,"type":"bend","ch":1,"value":8192}"#, "value", 37,
        #"expected a bend -8192 to 8191 in "value", found 8192"#
      ),
      (
        #"{"t":0,"type":"tick","frame":1000000000}"#, "frame", 30,
        #"expected a frame number in "frame", found 1000000000"#
      ),
      (
        #"{"t":0,"type":"tick","frame":99999999999999999999}"#, "frame", 30,
        #"expected a frame number in "frame", found 99999999999999999999"#
      ),
      (
        #"{"t":-1,"type":"tick","frame":0}"#, "t", 6,
        #"expected a time in microseconds in "t", found -1"#
      ),
      (
        #"{"type":"tick","frame":0}"#, "t", 1,
        #"expected a time in microseconds in "t", found nothing"#
      ),
      (#"{"t":0,"frame":0}"#, "type", 1, #"expected a record's type in "type", found nothing"#),
      (#"{"t":0,"type":7}"#, "type", 15, #"expected a record's type in "type", found 7"#),
      (
        #"{"t":0,"type":"tempo","frame":0,"value":0}"#, "value", 41,
        #"expected a tempo of 1 to 10000 beats a minute in "value", found 0"#
      ),
      (
        #"{"t":0,"type":"tempo","frame":0,"value":1e999}"#, "value", 41,
        #"expected a tempo of 1 to 10000 beats a minute in "value", found 1e999"#
      ),
      (
        #"{"t":0,"type":"meter","frame":0,"value":"4/5"}"#, "value", 41,
        #"expected a meter such as "4/4" in "value", found "4/5""#
      ),
      (
        #"{"t":0,"type":"meter","frame":0,"value":"+4/4"}"#, "value", 41,
        #"expected a meter such as "4/4" in "value", found "+4/4""#
      ),
      (
        #"{"t":0,"type":"set","name":"x","value":[1]}"#, "value", 40,
        #"expected a number, a string or a boolean in "value", found [1]"#
      ),
      (
        #"{"t":0,"type":"header","format":"midi"}"#, "format", 33,
        #"expected "jam" in "format", found "midi""#
      ),
      (
        #"{"type":"header","format":"jam","version":2}"#, "version", 43,
        #"expected version 1 in "version", found 2"#
      ),
      (
        #"{"t":0,"type":"header","format":"jam","version":1,"frames_per_beat":0}"#,
        "frames_per_beat",
        69, #"expected a number of frames 1 to 96 in "frames_per_beat", found 0"#
      ),
      (
        #"{"t":0,"type":"plan","frame":0,"rev":1,"commit":0,"until":8,"chords":7,"melody":[]}"#,
        "chords", 70, #"expected an array in "chords", found 7"#
      ),
      (
        #"{"t":0,"type":"plan","frame":0,"rev":1,"commit":0,"until":8,"chords":[{"from":4,"to":4,"chord":"C"}],"melody":[]}"#,
        "to", 86, #"expected a frame after "from" in "to", found 4"#
      ),
      (
        #"{"t":0,"type":"plan","frame":0,"rev":1,"commit":0,"until":8,"chords":[{"from":0,"to":4,"chord":"C"},{"from":3,"to":8,"chord":"F"}],"melody":[]}"#,
        "from", 109, #"expected a frame not before the last "to" in "from", found 3"#
      ),
      (
        #"{"t":0,"type":"plan","frame":0,"rev":1,"commit":0,"until":8,"chords":[{"from":0,"to":4,"chord":"C","bass":12}],"melody":[]}"#,
        "bass", 107, #"expected a bass 0 to 11 in "bass", found 12"#
      ),
      (
        #"{"t":0,"type":"plan","frame":0,"rev":1,"commit":0,"until":8,"chords":[{"from":0,"to":4,"chord":"C","confidence":1.5}],"melody":[]}"#,
        "confidence", 113, #"expected a confidence 0 to 1 in "confidence", found 1.5"#
      ),
      (
        #"{"t":0,"type":"marker","text":"long text that goes on and on, far beyond what fits","text":["long text that goes on and on, far beyond what fits"]}"#,
        "text", 92, #"expected a text in "text", found ["long text that goes on and on, far bey..."#
      ),
    ])
  func aWrongFieldIsNamed(
    line: String, field: String, column: Int, message: String
  ) {
    #expect(throws: RecordError(column: column, field: field, message: message)) {
      try Record(parsing: line)
    }
  }

  @Test(
    "gives the column where JSON is broken",
    arguments: [
      ("", 1, "expected a record, found a blank line"),
      (" \t\r", 1, "expected a record, found a blank line"),
      ("# comment", 1, "expected a JSON object at column 1, found \"#\""),
      ("[1]", 1, "expected a JSON object at column 1, found \"[\""),
      ("\u{FEFF}{}", 1, "expected a JSON object at column 1, found the byte 0xEF"),
      ("{}", 1, "expected a record's type in \"type\", found nothing"),
      (#"{"t":0"#, 7, #"expected "," or "}" at column 7, found the end of the line"#),
      (#"{"t":0,}"#, 8, #"expected the name of a field at column 8, found "}""#),
      (#"{"t" 0}"#, 6, #"expected ":" at column 6, found "0""#),
      (#"{"t":}"#, 6, #"expected a value at column 6, found "}""#),
      (#"{"t":zz}"#, 6, #"expected a value at column 6, found "z""#),
      (#"{"t":'0'}"#, 6, #"expected a value at column 6, found "'""#),
      (#"{"t":0} x"#, 9, #"expected the end of the line at column 9, found "x""#),
      (#"{"t":0}{"t":0}"#, 8, #"expected the end of the line at column 8, found "{""#),
      ("{\"t\":\"a\tb\"}", 8, "expected the rest of a string at column 8, found the byte 0x9"),
      (#"{"t":"a"#, 8, "expected the rest of a string at column 8, found the end of the line"),
      (#"{"t":"\x"}"#, 8, #"expected an escape at column 8, found "x""#),
      (#"{"t":"\u12g4"}"#, 11, #"expected a hexadecimal digit at column 11, found "g""#),
      (#"{"t":"\ud834"}"#, 7, "half of a surrogate pair at column 7"),
      (#"{"t":"\udd1e\ud834"}"#, 7, "half of a surrogate pair at column 7"),
      (#"{"t":"\ud834\u0041"}"#, 7, "half of a surrogate pair at column 7"),
      (#"{"x":[1,]}"#, 9, #"expected a value at column 9, found "]""#),
      (#"{"x":[1}"#, 8, #"expected "," or "]" at column 8, found "}""#),
      (#"{"x":{"a":1]}"#, 12, #"expected "," or "}" at column 12, found "]""#),
      (#"{"x":[tru]}"#, 10, #"expected true at column 10, found "]""#),
    ])
  func brokenJSONIsLocated(line: String, column: Int, message: String) {
    let error = #expect(throws: RecordError.self) { try Record(parsing: line) }
    #expect(error?.message == message)
    #expect(error?.column == column)
  }

  @Test("quotes no control characters")
  func quotationsAreHarmless() {
    let line = #"{"t":0,"type":"note_on","ch":"\#u{9B}31m","note":1,"vel":1}"#
    let error = #expect(throws: RecordError.self) { try Record(parsing: line) }
    #expect(error?.message == #"expected a channel 1 to 16 in "ch", found "\u{9b}31m""#)
  }

  /// The values of ignored fields must be JSON, too.
  @Test(
    "checks the JSON of ignored fields, too",
    arguments: [
      ("0", true), ("-0", true), ("01", false), ("-", false), ("+1", false), ("1.", false),
      (".5", false), ("1.5e", false), ("1e+", false), ("1E-2", true), ("0x10", false),
      ("NaN", false),
      ("Infinity", false), ("true", true), ("True", false), ("null", true), ("nul", false),
      (#""\b\f\n\r\t\"\\\/""#, true), (#""\u0000""#, true), ("\"\u{7F}\"", true), ("[]", true),
      ("[ ]", true), ("{ }", true), ("[[],{}]", true), ("[,]", false), (#"{"a"}"#, false),
      (#"{"a":1,}"#, false), (#"{1:2}"#, false), (#"{"a":{"b":[{"c":[]}]}}"#, true), ("]", false),
    ])
  func ignoredFieldsAreChecked(value: String, isJSON: Bool) {
    for line in [
      #"{"t":0,"type":"tick","frame":0,"x":\#(value)}"#,
      #"{"x":[[\#(value)],{"y":\#(value)}],"t":0,"type":"tick","frame":0}"#,
    ] {
      let record = try? Record(parsing: line)
      #expect(record == (isJSON ? Record(time: .zero, event: .tick(Frame(0))) : nil), "\(line)")
    }
  }

  @Test(
    "accepts only well-formed UTF-8",
    arguments: [
      [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x9F, 0xBF], [0xE2, 0x99],
      [0xED, 0xA0, 0x80],
      [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
    ] as [[UInt8]])
  func onlyUTF8IsAccepted(bytes: [UInt8]) {
    let line = Array(#"{"t":0,"type":"marker","text":""#.utf8) + bytes + Array(#""}"#.utf8)
    let error = #expect(throws: RecordError.self) { try Record(parsing: line) }
    #expect(error?.message.hasPrefix("expected UTF-8 at column 32, found the byte 0x") ?? false)
  }

  @Test(
    "limits how deep JSON is nested", arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")])
  func nestingIsLimited(open: String, close: String) throws {
    let levels = open.count { $0 == "[" || $0 == "{" }
    func line(_ depth: Int) -> String {
      let count = depth / levels
      return #"{"t":0,"type":"tick","frame":0,"x":"# + String(repeating: open, count: count) + "0"
        + String(repeating: close, count: count) + "}"
    }
    #expect(throws: Never.self) { try Record(parsing: line(64)) }
    let error = #expect(throws: RecordError.self) { try Record(parsing: line(66)) }
    #expect(error?.message == "nested more than 64 levels deep")
    let endless = #"{"x":"# + String(repeating: open, count: 600)
    #expect(throws: RecordError.self) { try Record(parsing: endless) }
  }
}
