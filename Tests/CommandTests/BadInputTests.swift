import Foundation
import TestSupport
import Testing

/// What jam-agent reports of streams and options that are wrong.
@Suite struct BadInputTests {
  /// A stream with an error.
  struct BadStream: CustomTestStringConvertible {
    var testDescription: String
    var input: Data
    /// The error message after `jam-agent: <stdin>:`.
    var message: String
    /// How many lines are passed on before the error.
    var passed: Int

    init(_ name: String, _ lines: [String], _ message: String, passed: Int) {
      self.init(name, AgentStream.data(lines), message, passed: passed)
    }

    init(_ name: String, _ input: Data, _ message: String, passed: Int) {
      (testDescription, self.input, self.message, self.passed) = (name, input, message, passed)
    }
  }

  /// A header and four lines, among them the ticks 0 to 2.
  private static let good = AgentStream.lines(frames: 3)
  private static func header(_ old: String, _ new: String) -> String {
    AgentStream.header.replacingOccurrences(of: old, with: new)
  }

  static let streams = [
    BadStream(
      "no header", Array(good.dropFirst()), "1: expected a header as the first record", passed: 0),
    BadStream(
      "wrong version", [header(#""version":1"#, #""version":2"#)],
      #"1: expected version 1 in "version", found 2"#, passed: 0),
    BadStream(
      "six frames a beat", [header(#"beat":4"#, #"beat":6"#)] + good.dropFirst(),
      "1: expected 4 frames a beat, found 6", passed: 1),
    BadStream(
      "second header", good + [AgentStream.header],
      "6: second header: a stream has one, so recordings cannot be joined end to end", passed: 5),
    BadStream(
      "t going back", good + [#"{"t":1,"type":"tick","frame":3}"#],
      #"6: time goes back from 250000 to 1 in "t""#, passed: 5),
    BadStream(
      "tick going back", good + [#"{"t":260000,"type":"tick","frame":1}"#],
      "6: expected a tick after frame 2, found 1", passed: 6),
    BadStream(
      "same tick again", good + [#"{"t":260000,"type":"tick","frame":2}"#],
      "6: expected a tick after frame 2, found 2", passed: 6),
    BadStream(
      "truncated", AgentStream.data(good).dropLast(9),
      "5: expected the rest of a string", passed: 4),
    BadStream(
      "overlong line",
      good + [#"{"t":260000,"type":"marker","text":"\#(String(repeating: "x", count: 4096))"}"#],
      "6: line longer than 4096 bytes with its newline", passed: 5),
    BadStream(
      "endless line", AgentStream.data(good) + Data(repeating: 0x78, count: 1 << 22),
      "6: line longer than 4096 bytes with its newline", passed: 5),
    BadStream("blank line", good + [""], "6: expected a record, found a blank line", passed: 5),
    BadStream(
      "pitch out of range", good + [#"{"t":260000,"type":"note_on","ch":1,"note":128,"vel":1}"#],
      "6: ", passed: 5),
  ]

  @Test("a bad stream is refused with the number of the line and the reason", arguments: streams)
  func refusesBadStreams(_ bad: BadStream) throws {
    let outcome = try ToolRunner.shell(AgentStream.command, input: bad.input)
    #expect(outcome.status == 65)
    #expect(outcome.error.hasPrefix("jam-agent: <stdin>:\(bad.message)"), "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1)
    let input = String(decoding: bad.input, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(outcome.passedOn == Array(input.prefix(bad.passed)))
  }

  @Test("random bytes are refused in one line", arguments: 0..<3)
  func refusesRandomBytes(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let bytes = Data((0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) })
    let outcome = try ToolRunner.shell(AgentStream.command, input: bytes)
    #expect(outcome.status == 65)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("jam-agent: <stdin>:1: "))
    #expect(outcome.error.split(separator: "\n").count == 1)
    // No control characters, which could change a terminal.
    #expect(outcome.error.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
  }

  @Test(
    "wrong options are refused",
    arguments: [
      (
        "--commit 9",
        "The value '9' is invalid for '--commit <commit>': expected a number 0.0 to 8.0, found 9.0"
      ),
      (
        "--commit 4 --lookahead 2",
        "commit would be 4.0 beats, which is more than lookahead, 2.0 beats"
      ),
      (
        "--lookahead nan",
        "The value 'nan' is invalid for '--lookahead <lookahead>': "
          + "expected a number 0.25 to 8.0, found nan"
      ),
      (
        "--silence -1",
        "The value '-1' is invalid for '--silence <silence>': "
          + "expected a number 0.0 to 64.0, found -1.0"
      ),
      (
        "--top-p 0",
        "The value '0' is invalid for '--top-p <top-p>': expected a number 0.01 to 1.0, found 0.0"
      ),
      (
        "--temperature=warm",
        "The value 'warm' is invalid for '--temperature <temperature>': "
          + "expected a number 0.0 to 3.0, found \"warm\""
      ),
      ("--tempo 120", "Unknown option '--tempo'"),
      ("stream.jsonl", "Unexpected argument 'stream.jsonl'"),
    ])
  func refusesWrongOptions(options: String, message: String) throws {
    let outcome = try ToolRunner.shell(
      "jam-agent \(options)", input: AgentStream.data(AgentStream.lines(frames: 2)))
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("jam-agent: \(message)\n"), "\(outcome.error)")
  }

  @Test(
    "help and version go to standard output",
    arguments: [
      ("--help", "OVERVIEW: "), ("--version", "jamline "),
    ])
  func printsHelpAndVersion(option: String, beginning: String) throws {
    let outcome = try ToolRunner.shell("jam-agent \(option)")
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text.hasPrefix(beginning))
  }
}
