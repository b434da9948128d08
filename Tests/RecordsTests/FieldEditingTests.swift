import Records
import Testing

struct FieldEditingTests {
  @Test(
    "sets one field of a line and leaves all other bytes as they are",
    arguments: [
      (#"{"t":5,"type":"x"}"#, "t", .number(17), #"{"t":17,"type":"x"}"#),
      (#"{"type":"x","t":5}"#, "t", .number(17), #"{"type":"x","t":17}"#),
      (#"{ "type" : "t", "t" : 5 }"#, "t", .number(17), #"{ "type" : "t", "t" : 17 }"#),
      (
        #"{"x":{"t":1},"y":[{"t":2}],"t":5}"#, "t", .number(17),
        #"{"x":{"t":1},"y":[{"t":2}],"t":17}"#
      ),
      (#"{"s":"\"t\":9,{","t":5}"#, "t", .number(17), #"{"s":"\"t\":9,{","t":17}"#),
      (#"{"wall":"a, \"b}","t":5}"#, "wall", .text("c"), #"{"wall":"c","t":5}"#),
      (#"{"t":5,"x":{}}"#, "wall", .text("c"), #"{"t":5,"x":{},"wall":"c"}"#),
      // The last of several counts, as for the reader.
      (#"{"t":5,"t":6}"#, "t", .number(17), #"{"t":5,"t":17}"#),
    ] as [(String, String, SettingValue, String)])
  func setsOneField(line: String, name: String, value: SettingValue, expected: String) {
    var bytes = Array(line.utf8)
    bytes.setField(name, to: value)
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
  }
}
