import Foundation
import Testing

@testable import Records

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
}
