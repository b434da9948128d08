import TestSupport
import Testing

/// jam-agent with `--live`, which plans for the newest tick.
extension PipelineTests {
  /// Twenty ticks wait: it answers the last one, and on the way there one a beat.
  @Test("a live agent that is late skips ticks, and reports how many")
  func lateAgentSkipsTicks() throws {
    let lines = AgentStream.lines(frames: 20)
    let outcome = try run("\(agent) --live", lines)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(try AgentStream.plans(outcome.lines).map(\.frame.rawValue) == [4, 9, 14, 19])
    #expect(
      outcome.passedOn == lines + [#"{"t":9007199254740991,"type":"stat","ticks":20,"missed":16}"#])
  }

  @Test("a live agent passes on all lines before a bad one")
  func livePassesLinesBeforeError() throws {
    let lines = AgentStream.lines(frames: 8)
    let outcome = try run("\(agent) --live", lines + ["zz"])
    #expect(outcome.status == 65)
    #expect(outcome.error.hasPrefix("jam-agent: <stdin>:\(lines.count + 1): "))
    #expect(outcome.passedOn == lines)
  }

  /// Each tick is written after the plan for the one before it has come.
  @Test("a live agent that is in time answers every tick")
  func punctualAgentAnswersTicks() throws {
    let outcome = try ToolRunner.shell(
      """
      coproc AGENT { \(agent) --live; }
      exec 3>&${AGENT[1]} 4<&${AGENT[0]} {AGENT[1]}>&-
      echo '\(AgentStream.header)' >&3; read -r line <&4; read -r line <&4
      for frame in {0..5}; do
        printf '{"t":%d,"type":"tick","frame":%d}\\n' $((frame * 125000)) $frame >&3
        read -r tick <&4; read -r plan <&4; echo "$plan"
      done
      echo '\(AgentStream.end)' >&3; exec 3>&-
      cat <&4
      """)
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    #expect(try AgentStream.plans(outcome.lines).map(\.frame.rawValue) == Array(0...5))
    #expect(outcome.lines.last == #"{"t":9007199254740991,"type":"stat","ticks":6,"missed":0}"#)
  }
}
