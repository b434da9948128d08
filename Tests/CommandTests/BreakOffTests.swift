import Foundation
import TestSupport
import Testing

/// What the tools say of a stream that ends without an `end` record.
@Suite struct BreakOffTests {
  static let commands = [
    "midi-in --pace fast", AgentStream.command, "plan-view --style line", "jam-tee",
    "midi-out -o out.mid",
  ]
  private static let stream = AgentStream.lines(frames: 3)
  private static let end = #"{"t":400000,"type":"end","reason":"eof"}"#

  @Test("each tool says once that a stream breaks off, and does its work", arguments: commands)
  func saysThatStreamBreaksOff(command: String) throws {
    let (whole, broken) = (
      try run(command, Self.stream + [Self.end]), try run(command, Self.stream)
    )
    #expect(whole.error == "" && whole.status == 0)
    let tool = command.split(separator: " ")[0]
    #expect(
      broken.error == "\(tool): <stdin>:5: the stream breaks off here, without an \"end\" record\n")
    #expect(broken.status == 0)
    #expect(broken.lines == whole.lines.filter { $0 != Self.end })
  }

  @Test(
    "says nothing of an empty input, and of records after the end", arguments: commands.prefix(4))
  func knowsWholeStreams(command: String) throws {
    #expect(try run(command, []).error.contains("breaks off") == false)
    let stat = #"{"t":400000,"type":"stat","ticks":3,"missed":0}"#
    #expect(try run(command, Self.stream + [Self.end, stat]).error == "")
  }

  private func run(_ command: String, _ lines: [String]) throws -> ToolRunner.Outcome {
    let folder = try TemporaryFolder()
    return try ToolRunner.shell(
      command, input: AgentStream.data(lines), folder: URL(fileURLWithPath: folder.path("")))
  }
}
