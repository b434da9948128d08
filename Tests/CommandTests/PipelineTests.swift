import Foundation
import TestSupport
import Testing

/// jam-agent in pipes, as in a shell.
@Suite struct PipelineTests {
  let agent = AgentStream.command

  func run(
    _ command: String, _ lines: [String] = AgentStream.lines()
  ) throws -> ToolRunner.Outcome {
    let hasEnd = lines.last?.contains(#""type":"end""#) ?? false
    let stream = lines + (hasEnd ? [] : [AgentStream.end])
    return try ToolRunner.shell(command, input: AgentStream.data(stream))
  }

  // MARK: Determinism

  @Test("the same stream and seed give the same bytes, another seed gives others")
  func sameSeedGivesSameBytes() throws {
    let command = "\(agent) --seed 5 --temperature 1"
    let outcomes = try (0..<2).map { _ in try run(command) }
    #expect(outcomes.allSatisfy { $0.status == 0 && $0.error.isEmpty })
    #expect(outcomes[0].output == outcomes[1].output)
    #expect(outcomes[0].planLines.count == 24)
    let other = try run("\(agent) --seed 6 --temperature 1")
    #expect(other.planLines != outcomes[0].planLines)
  }

  @Test("a recording as input gives the same plans again")
  func recordingGivesSamePlans() throws {
    let recording = try run("\(agent) --seed 3")
    let again = try run("\(agent) --seed 3", recording.lines)
    #expect(again.output == recording.output)
    let other = try run("\(agent) --seed 4", recording.lines)
    #expect(other.planLines != recording.planLines)
  }

  @Test(
    "a recording that midi-in replays gives the same plans again",
    arguments: ["fast", "realtime --speed 10"])
  func replayGivesSamePlans(pace: String) throws {
    try ToolRunner.withTemporaryFolder { folder in
      let first = try ToolRunner.shell(
        """
        midi-in --input "$JAMLINE_ROOT"/Examples/saints.mid --to 2 --pace fast \
          | \(agent) --seed 1 | tee s.jsonl
        midi-in --input s.jsonl --pace \(pace) | \(agent) --seed 1 > again.jsonl
        """, folder: folder)
      #expect(first.status == 0 && first.error.isEmpty)
      let again = try ToolRunner.shell("cat again.jsonl", folder: folder)
      #expect(!first.planLines.isEmpty)
      #expect(try AgentStream.plans(again.lines) == AgentStream.plans(first.lines))
      if pace == "fast" { #expect(again.planLines == first.planLines) }
    }
  }

  @Test("the whole pipeline gives the same bytes twice")
  func pipelineGivesSameBytes() throws {
    try ToolRunner.withTemporaryFolder { folder in
      let outcome = try ToolRunner.shell(
        """
        for take in 1 2; do
          midi-in --input "$JAMLINE_ROOT"/Examples/ode-to-joy.mid --to 3 --pace fast \
            | \(agent) --seed 1 | tee $take.jsonl | midi-out --output $take.mid --pace fast || exit
        done
        cmp 1.jsonl 2.jsonl && cmp 1.mid 2.mid && grep -c '"plan"' 1.jsonl
        """, folder: folder)
      #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
      #expect(try Int(#require(outcome.lines.last)) ?? 0 > 16)
    }
  }

  // MARK: Filters and ends

  @Test("filters work before and after the agent")
  func worksWithFilters() throws {
    let whole = try run(agent)
    let compact = try run("\(agent) | jq -c .")
    #expect(compact.output == whole.output)
    let before = try run("jq -c . | \(agent)")
    #expect(before.output == whole.output)
    let plans = try run(#"\#(agent) | grep '"plan"'"#)
    #expect(plans.lines == whole.planLines)
    for outcome in [compact, before, plans] {
      #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    }
  }

  @Test("the agent ends without an error when its reader goes away")
  func endsWithReader() throws {
    let outcome = try run("\(agent) | head -1; echo ${PIPESTATUS[@]}")
    #expect(outcome.lines == [AgentStream.header, "0 0"])
    #expect(outcome.error.isEmpty)
  }

  @Test("the agent ends with its reader, although its input goes on")
  func endsBeforeInput() throws {
    try ToolRunner.withTemporaryFolder { folder in
      let outcome = try ToolRunner.shell(
        """
        mkfifo in out
        \(agent) < in > out &
        exec 3> in 4< out
        echo '\(AgentStream.header)' >&3
        read -r line <&4
        exec 4<&-
        echo '\(AgentStream.tick(0))' >&3
        wait $!; echo $?
        """, folder: folder)
      #expect(outcome.lines == ["0"])
      #expect(outcome.error.isEmpty)
    }
  }

  @Test("a full disk is reported")
  func reportsFullDisk() throws {
    let outcome = try run("\(agent) > /dev/full")
    #expect(outcome.status == 74)
    #expect(
      outcome.error == "jam-agent: cannot write to standard output: No space left on device\n")
  }

  @Test("signals end the agent", arguments: ["INT", "TERM", "HUP"])
  func endsOnSignal(signal: String) throws {
    try ToolRunner.withTemporaryFolder { folder in
      // A shell lets commands in the background ignore SIGINT, and the threads of a test block
      // signals. The agent gets the signal as on a terminal.
      let outcome = try ToolRunner.shell(
        """
        mkfifo in out
        env --default-signal=\(signal) \(agent) < in > out &
        exec 3> in 4< out
        echo '\(AgentStream.header)' >&3
        read -r line <&4 && kill -\(signal) $!
        wait $!; echo $?
        """, folder: folder)
      #expect(outcome.lines == ["0"])
      #expect(outcome.error.isEmpty)
    }
  }

  // MARK: Passing on

  /// ctrl-C reaches all programs of a pipeline at once. midi-in ends its notes and the stream a
  /// moment later.
  @Test("records that follow a signal are passed on")
  func passesRecordsAfterSignal() throws {
    try ToolRunner.withTemporaryFolder { folder in
      let outcome = try ToolRunner.shell(
        """
        mkfifo in out
        env --default-signal=INT \(agent) < in > out &
        exec 3> in 4< out
        echo '\(AgentStream.header)' >&3
        read -r line <&4 && kill -INT $!
        echo '{"t":1,"type":"note_off","ch":1,"note":60,"vel":64}' >&3
        echo '{"t":1,"type":"end","reason":"interrupted"}' >&3
        exec 3>&-
        cat <&4; wait $!; echo $?
        """, folder: folder)
      #expect(
        outcome.passedOn == [
          #"{"t":1,"type":"note_off","ch":1,"note":60,"vel":64}"#,
          #"{"t":1,"type":"end","reason":"interrupted"}"#, "0",
        ])
    }
  }

  @Test("records that are not for the agent pass byte for byte")
  func passesOtherRecords() throws {
    var lines = AgentStream.lines(frames: 3)
    lines.insert(#"{"t":0,"type":"dance", "steps" : [1,2e3, "é\u00e9"]}"#, at: 1)
    lines.insert(#"{ "type":"tick","frame": -1,"t":0,"colour":{"deep":[[]]} }"#, at: 2)
    lines.insert(#"{"t":0,"type":"set","name":"zoom","value":3,"x":null}"#, at: 3)
    lines.insert(#"{"t":0,"type":"marker","text":"verse"}"#, at: 4)
    let outcome = try run(agent, lines)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.passedOn == lines)
  }

  @Test("plans and settings in the input are dropped")
  func dropsForeignPlans() throws {
    let lines = AgentStream.lines()
    let foreign = [
      #"{"t":0,"type":"plan","frame":0,"rev":77,"commit":9,"until":9,"chords":[],"melody":[]}"#,
      #"{"t":0,"type":"settings","commit":9}"#,
    ]
    let mixed = lines.prefix(2) + foreign + lines.dropFirst(2)
    #expect(try run(agent, Array(mixed)).output == run(agent, lines).output)
  }

  @Test("every tick is followed by its plan")
  func plansFollowTicks() throws {
    let outcome = try run(agent)
    for (index, line) in outcome.lines.enumerated() where line.contains(#""tick""#) {
      let pair = try AgentStream.records([line, outcome.lines[index + 1]])
      guard case .tick(let frame) = pair[0].event, case .plan(let plan) = pair[1].event else {
        Issue.record("\(line) is not answered")
        continue
      }
      #expect(plan.frame == frame && pair[1].time == pair[0].time)
    }
  }

  // MARK: Settings

  /// A `set` record that is refused is answered, too; one for another tool is not.
  @Test("the settings follow the header, and each set record for the agent")
  func writesSettings() throws {
    let sets = [
      #""name":"commit","value":0.5"#, #""name":"zoom","value":3"#,
      #""name":"melody_only","value":7"#,
    ].map { #"{"t":0,"type":"set",\#($0)}"# }
    let lines = AgentStream.lines(frames: 1)
    let outcome = try run("\(agent) --temperature 0.9", [lines[0]] + sets + lines.dropFirst())
    #expect(outcome.status == 0)
    func settings(commit: String) -> String {
      #"{"t":0,"type":"settings","temperature":0.9,"commit":\#(commit),"lookahead":1,"#
        + #""model":"accompanist","max_commit":0,"min_confidence":0.5,"silence":0,"top_p":1,"#
        + #""hypotheses":16,"melody_only":0.8,"seed":1}"#
    }
    #expect(
      outcome.lines.prefix(7) == [
        lines[0], settings(commit: "1"), sets[0], settings(commit: "0.5"), sets[1], sets[2],
        settings(commit: "0.5"),
      ])
  }

  @Test("set records change settings")
  func appliesSetRecords() throws {
    var lines = AgentStream.lines(frames: 12)
    let place = try #require(lines.firstIndex(of: AgentStream.tick(6)))
    lines.insert(#"{"t":700000,"type":"set","name":"lookahead","value":3}"#, at: place)
    let outcome = try run(agent, lines)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    let horizons = try AgentStream.plans(outcome.lines).map { $0.frame.distance(to: $0.until) }
    #expect(horizons == Array(repeating: 4, count: 6) + Array(repeating: 12, count: 6))
  }

  @Test(
    "a value that cannot be set is reported and changes nothing",
    arguments: [
      (
        #""name":"temperature","value":"hot""#,
        "cannot set temperature: expected a number 0.0 to 3.0, found \"hot\""
      ),
      (#""name":"commit","value":9"#, "cannot set commit: expected a number 0.0 to 8.0, found 9.0"),
      (
        #""name":"model","value":"/nowhere/m.safetensors""#,
        "cannot open /nowhere/m.safetensors: No such file or directory"
      ),
    ])
  func reportsInvalidValues(fields: String, message: String) throws {
    let lines = AgentStream.lines(frames: 4)
    let setting = #"{"t":470000,"type":"set",\#(fields)}"#
    let outcome = try run(agent, lines + [setting, AgentStream.tick(4)])
    #expect(outcome.status == 0)
    #expect(outcome.error == "jam-agent: \(message)\n")
    let unchanged = try run(agent, lines + [AgentStream.tick(4)])
    #expect(
      outcome.lines.filter { !AgentStream.areSettings($0) && $0 != setting }
        == unchanged.lines.filter { !AgentStream.areSettings($0) })
    let settings = outcome.lines.filter(AgentStream.areSettings).map { $0.drop { $0 != "," } }
    #expect(settings.count == 2 && settings[0] == settings[1])
    #expect(outcome.lines.contains(setting))
  }
}
