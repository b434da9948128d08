import Foundation
import TestSupport
import Testing

/// The recipes of Examples, each run as a user would, in a folder of its own.
@Suite struct ExampleTests {
  /// Runs a command line in a folder with the repository's `Examples`. Returns the outcome, and the
  /// names of the files that it left.
  static func shell(_ command: String) throws -> (outcome: ToolRunner.Outcome, files: Set<String>) {
    try ToolRunner.withTemporaryFolder { folder in
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent("Examples"),
        withDestinationURL: ToolRunner.root.appendingPathComponent("Examples"))
      let outcome = try ToolRunner.shell(command, folder: folder)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      return (outcome, Set(files).subtracting(["Examples"]))
    }
  }

  @Test("the tunes are what their script writes")
  func scriptWritesTunes() throws {
    let (outcome, files) = try Self.shell(
      "python3 Examples/tunes.py . && for f in *.mid; do cmp $f Examples/$f || exit; done")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.error)")
    #expect(files.count >= 3)
  }

  @Test(
    "a tune has its meter, tempo and number of notes",
    arguments: [
      ("greensleeves", "6/8", 96, 72), ("saints", "4/4", 138, 33), ("amazing-grace", "3/4", 80, 32),
      ("ode-to-joy", "4/4", 120, 62),
    ])
  func readsTune(name: String, meter: String, tempo: Int, notes: Int) throws {
    let (outcome, _) = try Self.shell(
      "midi-in --input Examples/\(name).mid --pace fast | "
        + #"jq -s -c '[.[0].meter, (.[0].tempo | round), (map(select(.type == "note_on")) | length)]'"#
    )
    #expect(outcome.text == "[\"\(meter)\",\(tempo),\(notes)]\n")
  }

  @Test("record writes a session, and replay plays it with its plans and with others")
  func recordsAndReplays() throws {
    let (outcome, files) = try Self.shell(
      """
      Examples/record Examples/ode-to-joy.mid session.jsonl
      midi-in --input session.jsonl --pace fast | jam-agent --seed 1 | grep '"plan"' > again
      grep '"plan"' session.jsonl | cmp - again && rm again
      Examples/replay session.jsonl
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(files == ["session.jsonl", "take-1.mid", "take-2.mid"])
    #expect(outcome.lines.first?.contains(" plans") ?? false)
  }

  @Test("transpose transposes a melody and slows it down")
  func transposes() throws {
    let notes = #"jq -s -c 'map(select(.type == "note_on").note)[:4]'"#
    let (outcome, _) = try Self.shell(
      """
      Examples/transpose -3 Examples/greensleeves.mid out.mid
      midi-in --input out.mid --track Melody --pace fast > out.jsonl
      head -1 out.jsonl | jq '.tempo | round'; \(notes) out.jsonl
      """)
    // A4 C5 D5 E5, three semitones below, at 4/5 of 96.
    #expect(outcome.lines.suffix(2) == ["77", "[66,69,71,73]"], "\(outcome.text)\(outcome.error)")
  }

  @Test("swap-agent plays with another agent")
  func swapsAgent() throws {
    let (outcome, files) = try Self.shell("Examples/swap-agent")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(files == ["swapped.mid"])
  }

  /// Besides, `commit` never moves back, and the input is passed on.
  @Test(
    "the triad agent never changes a committed chord",
    arguments: ["greensleeves", "saints", "amazing-grace", "ode-to-joy"])
  func triadAgentKeepsCommittedChords(tune: String) throws {
    let check = #"""
      reduce (.[] | select(.type == "plan")) as $plan ({commit: -1000, chord: {}};
        if $plan.commit < .commit then error("commit moves back") else . end
        | reduce ($plan.chords[] | {chord, at: range(.from; .to)}) as {$chord, $at} (.;
            if $at < .commit and (.chord["\($at)"] // $chord) != $chord
            then error("frame \($at) changes") else .chord["\($at)"] = $chord end)
        | .commit = $plan.commit) | .commit
      """#
    let (outcome, _) = try Self.shell(
      """
      midi-in --input Examples/\(tune).mid --pace fast > input
      Examples/triad-agent < input > output
      jq -s '\(check)' output && grep -v '"type": "plan"' output | cmp - input
      """)
    #expect(outcome.status == 0, "\(outcome.error)\(outcome.text)")
    #expect(Int(outcome.lines.first ?? "") ?? 0 >= 16 * 16 / 2)
  }

  /// The viewers may end a moment after the pipeline. The chords that they show depend on how late
  /// the agent is.
  @Test("two viewers show the same session")
  func showsTwoViewers() throws {
    let (outcome, files) = try Self.shell(
      """
      SPEED=10 Examples/two-viewers Examples/ode-to-joy.mid chords.txt 2> shown
      for i in $(seq 200); do grep -q joy chords.txt && grep -q joy shown && break; sleep 0.05; done
      head -qn 1 chords.txt shown
      """)
    #expect(files == ["chords.txt", "shown", "viewed.mid"])
    #expect(outcome.lines.contains("1200 beats/min  4/4  ode-to-joy.mid"))
  }
}
