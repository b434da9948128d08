import Foundation
import TestSupport
import Testing

/// The agent in pipes, as a shell user has it.
@Suite struct PipelineTests {
  private let agent = AgentStream.command

  private func run(
    _ command: String, _ lines: [String] = AgentStream.lines()
  ) throws -> ToolRunner.Outcome {
    try ToolRunner.shell(command, input: AgentStream.data(lines))
  }

  // MARK: The same again

  @Test func sameStreamAndSeedGiveTheSameBytes() throws {
    let command = "\(agent) --seed 5 --temperature 1"
    let outcomes = try (0..<2).map { _ in try run(command) }
    #expect(outcomes.allSatisfy { $0.status == 0 && $0.error.isEmpty })
    #expect(outcomes[0].output == outcomes[1].output)
    #expect(outcomes[0].planLines.count == 24)
    let other = try run("\(agent) --seed 6 --temperature 1")
    #expect(other.planLines != outcomes[0].planLines)
  }

  @Test func recordingFedBackMakesItsPlansAnew() throws {
    let recording = try run("\(agent) --seed 3")
    let again = try run("\(agent) --seed 3", recording.lines)
    #expect(again.output == recording.output)
    let other = try run("\(agent) --seed 4", recording.lines)
    #expect(other.planLines != recording.planLines)
  }

  @Test(arguments: ["fast", "realtime --speed 10"])
  func recordingReplayedMakesItsPlansAnew(pace: String) throws {
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

  @Test func wholePipelineTwiceGivesTheSameBytes() throws {
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

  // MARK: Filters between

  @Test func filtersInTheMiddleOfThePipeBehave() throws {
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

  @Test func agentEndsQuietlyWhenItsReaderDoes() throws {
    let outcome = try run("\(agent) | head -1; echo ${PIPESTATUS[@]}")
    #expect(outcome.lines == [AgentStream.header, "0 0"])
    #expect(outcome.error.isEmpty)
  }

  @Test func agentEndsAlthoughItsInputGoesOn() throws {
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

  @Test func fullDiskIsSaid() throws {
    let outcome = try run("\(agent) > /dev/full")
    #expect(outcome.status == 74)
    #expect(
      outcome.error == "jam-agent: cannot write to standard output: No space left on device\n")
  }

  @Test(arguments: ["INT", "TERM", "HUP"])
  func signalsEndTheAgent(signal: String) throws {
    try ToolRunner.withTemporaryFolder { folder in
      // As on a terminal: a shell lets its background ignore SIGINT, and a test's threads block
      // signals.
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

  /// ctrl-C reaches all of a pipeline at once; who plays ends notes and stream a moment later.
  @Test func lastWordsArePassedOn() throws {
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

  @Test func whatIsNotForTheAgentPassesByteForByte() throws {
    var lines = AgentStream.lines(frames: 3)
    lines.insert(#"{"t":0,"type":"dance", "steps" : [1,2e3, "é\u00e9"]}"#, at: 1)
    lines.insert(#"{ "type":"tick","frame": -1,"t":0,"colour":{"deep":[[]]} }"#, at: 2)
    lines.insert(#"{"t":0,"type":"set","name":"zoom","value":3,"x":null}"#, at: 3)
    lines.insert(#"{"t":0,"type":"marker","text":"verse"}"#, at: 4)
    let outcome = try run(agent, lines)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.passedOn == lines)
  }

  @Test func plansAndSettingsInTheInputAreDropped() throws {
    let lines = AgentStream.lines()
    let foreign = [
      #"{"t":0,"type":"plan","frame":0,"rev":77,"commit":9,"until":9,"chords":[],"melody":[]}"#,
      #"{"t":0,"type":"settings","commit":9}"#,
    ]
    let mixed = lines.prefix(2) + foreign + lines.dropFirst(2)
    #expect(try run(agent, Array(mixed)).output == run(agent, lines).output)
  }

  @Test func everyPlanFollowsItsTick() throws {
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

  /// What it began with, after the header, and what is in force after each record that would change it,
  /// whether it could or not.
  @Test func settingsInForceAreTold() throws {
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

  @Test func setRecordsChangeSettings() throws {
    var lines = AgentStream.lines(frames: 12)
    let place = try #require(lines.firstIndex(of: AgentStream.tick(6)))
    lines.insert(#"{"t":700000,"type":"set","name":"lookahead","value":3}"#, at: place)
    let outcome = try run(agent, lines)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    let horizons = try AgentStream.plans(outcome.lines).map { $0.frame.distance(to: $0.until) }
    #expect(horizons == Array(repeating: 4, count: 6) + Array(repeating: 12, count: 6))
  }

  @Test(arguments: [
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
  func settingsThatCannotBeHadAreSaidAndLeft(fields: String, message: String) throws {
    let lines = AgentStream.lines(frames: 4)
    let setting = #"{"t":470000,"type":"set",\#(fields)}"#
    let outcome = try run(agent, lines + [setting, AgentStream.tick(4)])
    #expect(outcome.status == 0)
    #expect(outcome.error == "jam-agent: \(message)\n")
    let unchanged = try run(agent, lines + [AgentStream.tick(4)])
    #expect(
      outcome.lines.filter { !AgentStream.areSettings($0) && $0 != setting }
        == unchanged.lines.filter { !AgentStream.areSettings($0) })
    let told = outcome.lines.filter(AgentStream.areSettings).map { $0.drop { $0 != "," } }
    #expect(told.count == 2 && told[0] == told[1])
    #expect(outcome.lines.contains(setting))
  }

  // MARK: Live

  /// Of twenty waiting ticks it answers the last, and one a beat on the way there.
  @Test func lateLiveAgentPlansForTheNewestTick() throws {
    let lines = AgentStream.lines(frames: 20)
    let outcome = try run("\(agent) --live", lines)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(try AgentStream.plans(outcome.lines).map(\.frame.rawValue) == [4, 9, 14, 19])
    #expect(
      outcome.passedOn == lines + [#"{"t":2465000,"type":"stat","ticks":20,"missed":16}"#])
  }

  @Test func liveAgentPassesOnWhatCameBeforeABadLine() throws {
    let lines = AgentStream.lines(frames: 8)
    let outcome = try run("\(agent) --live", lines + ["zz"])
    #expect(outcome.status == 65)
    #expect(outcome.error.hasPrefix("jam-agent: <stdin>:\(lines.count + 1): "))
    #expect(outcome.passedOn == lines)
  }

  /// The next tick is written only once the one before has its plan.
  @Test func punctualLiveAgentPlansForEveryTick() throws {
    let outcome = try ToolRunner.shell(
      """
      coproc AGENT { \(agent) --live; }
      exec 3>&${AGENT[1]} 4<&${AGENT[0]} {AGENT[1]}>&-
      echo '\(AgentStream.header)' >&3; read -r line <&4; read -r line <&4
      for frame in {0..5}; do
        printf '{"t":%d,"type":"tick","frame":%d}\\n' $((frame * 125000)) $frame >&3
        read -r tick <&4; read -r plan <&4; echo "$plan"
      done
      exec 3>&-
      cat <&4
      """)
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    #expect(try AgentStream.plans(outcome.lines).map(\.frame.rawValue) == Array(0...5))
    #expect(outcome.lines.last == #"{"t":625000,"type":"stat","ticks":6,"missed":0}"#)
  }
}
