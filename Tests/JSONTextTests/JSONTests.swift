import Foundation
import Testing

@testable import JSONText

@Suite struct JSONTests {
  @Test(
    "writes compact JSON, members in their order",
    arguments: [
      (.null, "null"), (true, "true"), (-7, "-7"), (.number(0.25), "0.25"), (.number(3), "3"),
      (.number(.infinity), "0"),
      (.digits("0.250"), "0.250"), (.integer(.min), "-9223372036854775808"), ([], "[]"),
      ([1, "a", [.null]], #"[1,"a",[null]]"#), ([:], "{}"),
      (["b": 1, "a": ["c": false]], #"{"b":1,"a":{"c":false}}"#),
      (.text("\"\\\n\u{7F}é"), #""\"\\\n\u007fé""#),
    ] as [(JSON, String)])
  func writes(value: JSON, text: String) {
    #expect(String(decoding: value.bytes, as: UTF8.self) == text)
  }

  @Test("writes what other programs read back")
  func isRead() throws {
    let value: JSON = [
      "text": .text("\u{1}\t/\u{1D11E}"), "number": .number(1.0 / 3), "list": [1, 2],
    ]
    let read = try JSONSerialization.jsonObject(with: Data(value.bytes)) as? [String: Any]
    #expect(read?["text"] as? String == "\u{1}\t/\u{1D11E}")
    #expect(read?["number"] as? Double == 1.0 / 3)
    #expect(read?["list"] as? [Int] == [1, 2])
  }

  @Test(
    "parses values, escapes and numbers, and the last of equal names counts",
    arguments: [
      (" [ ] ", []), ("{}", [:]),
      (#"{"a": {"b": [1, "x", null, true]}}"#, ["a": ["b": [1, "x", .null, true]]]),
      (#""\u0041\ud834\udd1e\n""#, "A\u{1D11E}\n"), ("6e1", 60), ("-0.5", .number(-0.5)),
      ("1e400", .number(.infinity)),
    ] as [(String, JSON)])
  func parses(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text).description == value.description)
    #expect(try JSON(parsing: #"{"a": 1, "a": 2}"#)["a"]?.integer == 2)
  }

  @Test("a value read by its type is nil for any other")
  func readsByType() throws {
    let value = try JSON(parsing: #"{"n": 2, "x": 0.5, "s": "t", "l": [1]}"#)
    #expect(value["n"]?.integer == 2 && value["n"]?.number == 2 && value["n"]?.text == nil)
    #expect(value["x"]?.integer == nil && value["x"]?.number == 0.5 && value["x"]?.list == nil)
    #expect(value["s"]?.text == "t" && value["s"]?.number == nil && value["l"]?.list?.count == 1)
    #expect(value["none"] == nil && value["s"]?["n"] == nil)
  }

  @Test(
    "what is no JSON is refused with the column",
    arguments: [
      ("", 1, "expected a value at column 1, found the end of the line"),
      ("[1,]", 4, "expected a value at column 4, found \"]\""),
      ("{} x", 4, "expected the end of the text at column 4, found \"x\""),
      (String(repeating: "[", count: 65), 65, "nested more than 64 levels deep"),
    ])
  func refuses(text: String, column: Int, message: String) {
    #expect(throws: JSONError(column: column, message: message)) { try JSON(parsing: text) }
  }
}
