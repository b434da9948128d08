import Testing

@testable import Records

@Suite struct JSONLiteralTests {
  @Test(
    "reads literals as values, fields in their order",
    arguments: [
      (true, "true"), (-7, "-7"), ([], "[]"), ([1, "a", [.null]], #"[1,"a",[null]]"#), ([:], "{}"),
      (["b": 1, "a": ["c": false]], #"{"b":1,"a":{"c":false}}"#),
    ] as [(JSON, String)])
  func writes(value: JSON, text: String) { #expect("\(value)" == text) }
}
