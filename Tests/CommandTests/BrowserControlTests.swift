import Foundation
import TestSupport
import Testing

/// jam-agent's --control: settings from a file or pipe become records of the stream.
@Suite struct BrowserControlTests {
  private static func set(_ name: String, _ value: String) -> String {
    #"{"t":0,"type":"set","name":"\#(name)","value":\#(value)}"#
  }

  /// Runs a command in a folder with a stream in `stream` and set records in `sets`.
  private func shell(_ command: String, sets: [String] = []) throws -> ToolRunner.Outcome {
    try ToolRunner.withTemporaryFolder { folder in
      let files = ["stream": AgentStream.lines() + [AgentStream.end], "sets": sets]
      for (name, lines) in files {
        try AgentStream.data(lines).write(to: folder.appendingPathComponent(name))
      }
      return try ToolRunner.shell(command, folder: folder)
    }
  }

  /// The plans differ from those without the file, so the file did change something.
  @Test("a recording replays to the same bytes without the control file")
  func aRecordingReplaysWithoutTheFile() throws {
    let outcome = try shell(
      """
      \(AgentStream.command) --control sets < stream > session
      \(AgentStream.command) < session | cmp - session && echo same
      \(AgentStream.command) < stream | grep plan | cmp -s - <(grep plan session) || echo other
      """, sets: [Self.set("commit", "0.25"), Self.set("temperature", "2.5")])
    #expect(outcome.lines == ["same", "other"], "\(outcome.error)")
  }

  /// Lines that are no set records are reported and left out; settings of other tools are passed
  /// on.
  @Test("takes set records and reports other lines")
  func takesSettingsAndNothingElse() throws {
    let long = #"{"t":0,"type":"set","name":"x","value":"\#(String(repeating: "x", count: 5000))"}"#
    let outcome = try shell(
      "\(AgentStream.command) --control sets < stream | grep -v settings | head -n 5",
      sets: [
        "", "no record", AgentStream.tick(0), long, Self.set("temperature", "9"),
        Self.set("temperature", "0.5"), Self.set("melody", "true"),
      ])
    #expect(
      outcome.lines == [
        AgentStream.header, Self.set("temperature", "9"), Self.set("temperature", "0.5"),
        Self.set("melody", "true"), AgentStream.tick(0),
      ])
    #expect(
      outcome.error.split(separator: "\n").map(String.init) == [
        "jam-agent: sets:1: expected a record, found a blank line",
        #"jam-agent: sets:2: expected a JSON object at column 1, found "n""#,
        "jam-agent: sets:3: expected a set record",
        "jam-agent: sets:4: line longer than 4096 bytes",
        "jam-agent: cannot set temperature: expected a number 0.0 to 3.0, found 9.0",
      ])
  }

  /// A setting gets the time of the last record and stands before the tick that it takes effect
  /// with. The agent does not wait for a writer of its pipe, and goes on when one has gone.
  @Test("takes settings while the writers of a pipe come and go")
  func writersOfAPipeComeAndGo() throws {
    let outcome = try shell(
      """
      mkfifo control input
      \(AgentStream.command) --control control < input > session & agent=$!
      exec 3> input
      lines() { until [ "$(wc -l < session)" = $1 ]; do sleep 0.02; done; }
      head -n 6 stream >&3; lines 11
      echo '\(Self.set("temperature", "0.5"))' > control
      sed -n 7p stream >&3; lines 14
      echo '\(Self.set("temperature", "1.5"))' > control
      tail -n +8 stream >&3; exec 3>&-; wait $agent
      grep -v settings session | grep --no-group-separator -e '"set"' -A 1
      \(AgentStream.command) < session | cmp - session && echo same
      """)
    #expect(outcome.status == 0)
    let lines = AgentStream.lines()
    #expect(
      outcome.lines == [
        #"{"t":375000,"type":"set","name":"temperature","value":0.5}"#, lines[6],
        #"{"t":465000,"type":"set","name":"temperature","value":1.5}"#, lines[7], "same",
      ], "\(outcome.error)")
  }

  @Test(
    "refuses a control file that it cannot open",
    arguments: [("missing", "No such file or directory"), (".", "Is a directory")])
  func theFileHasToBeThere(path: String, reason: String) throws {
    let outcome = try shell("\(AgentStream.command) --control \(path) < stream")
    #expect(outcome.status == 66)
    #expect(outcome.error == "jam-agent: cannot open \(path): \(reason)\n")
  }
}
