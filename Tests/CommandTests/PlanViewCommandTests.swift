import Foundation
import TestSupport
import Testing

@Suite struct PlanViewCommandTests {
  /// A session with a plan in each frame. A chord lasts two beats.
  static func session(frames: Int) -> String {
    let symbols = ["Am7", "D7", "G", "Em", "C", "F#m7b5", "B7", "N"]
    var text =
      #"{"t":0,"type":"header","format":"jam","version":1,"tempo":120,"meter":"4/4","#
      + #""frames_per_beat":4,"producer":"test","source":"tune.mid"}"# + "\n"
    for frame in 0..<frames {
      let chords = (frame / 8...frame / 8 + 3).map { index in
        #"{"from":\#(index * 8),"to":\#(index * 8 + 8),"chord":"\#(symbols[index % 8])"}"#
      }
      text += #"{"t":\#(frame * 125_000),"type":"tick","frame":\#(frame)}"# + "\n"
      text +=
        #"{"t":\#(frame * 125_000),"type":"plan","frame":\#(frame),"rev":\#(frame + 1),"#
        + #""commit":\#(frame / 8 * 8 + 16),"until":\#(frame / 8 * 8 + 32),"#
        + #""chords":[\#(chords.joined(separator: ","))],"melody":[]}"# + "\n"
    }
    return text
  }

  /// Runs a command in a folder with a session in the file `session`.
  static func shell(_ command: String, frames: Int = 9) throws -> ToolRunner.Outcome {
    try ToolRunner.withTemporaryFolder { folder in
      try Data(session(frames: frames).utf8).write(to: folder.appendingPathComponent("session"))
      return try ToolRunner.shell(command, folder: folder)
    }
  }

  @Test("writes lines where the output is no terminal")
  func writesLinesWhereTheOutputIsNoTerminal() throws {
    let outcome = try Self.shell("plan-view < session")
    #expect(
      outcome.lines == [
        "120 beats/min  4/4  tune.mid",
        "1:1  Am7  then D7  perhaps G, Em",
        "1:3  D7  then G  perhaps Em, C",
      ])
    #expect(outcome.status == 0)
    #expect(
      outcome.error
        == "plan-view: <stdin>:19: the stream breaks off here, without an \"end\" record\n")
  }

  @Test("writes the last state once in the chords style")
  func writesTheLastStateOnceInTheChordsStyle() throws {
    let outcome = try Self.shell("LC_ALL=C plan-view --style chords --width 40 < session")
    #expect(
      outcome.lines == [
        "1:3  ..*.  120 beats/min  4/4  tune.mid", "you   -", "now   # D7",
        "next  # G 2:1  ? Em 2:3  ? C 3:1",
      ])
  }

  @Test("writes the last state once in the waterfall style")
  func writesTheLastStateOnceInTheWaterfallStyle() throws {
    let outcome = try Self.shell("LC_ALL=C plan-view --style waterfall --width 100 < session")
    #expect(outcome.lines.first == "1:3  . . * .  120 beats/min  4/4  A minor  tune.mid")
    #expect(outcome.lines.contains { $0.hasPrefix("     D7 ") })
    #expect(!outcome.text.contains("\u{1B}"))
  }

  @Test("writes chords in the chosen notation and transposition")
  func writesChordsAsSomebodyReadsThem() throws {
    let outcome = try Self.shell("plan-view --notation roman --key G --next 2 < session")
    #expect(outcome.lines.last == "1:3  V7  then I  perhaps vi")
    let moved = try Self.shell("plan-view --transpose 2 < session")
    #expect(moved.lines.last == "1:3  E7  then A  perhaps F#m, D")
  }

  struct Case: CustomTestStringConvertible {
    var command: String
    var status: Int32
    var error: String
    var testDescription: String { command }
  }

  @Test(
    "ends with the documented status and message",
    arguments: [
      Case(command: "plan-view < /dev/null", status: 0, error: ""),
      Case(
        command: "plan-view --fps 0", status: 64,
        error: "plan-view: expected --fps 1 to 240, found 0"),
      Case(
        command: "plan-view --width 7", status: 64,
        error: "plan-view: expected --width 20 to 1000, found 7"),
      Case(command: "plan-view --style cube", status: 64, error: "plan-view: The value"),
      Case(
        command: "plan-view --next 9", status: 64,
        error: "plan-view: expected --next 1 to 8, found 9"),
      Case(
        command: "plan-view --key H", status: 64,
        error: "plan-view: expected --key such as C or F#m, found \"H\""),
      Case(
        command: "plan-view --transpose=-25", status: 64,
        error: "plan-view: expected --transpose -24 to 24, found -25"),
      Case(
        command: "plan-view --offset 2001", status: 64,
        error: "plan-view: expected --offset -2000 to 2000, found 2001"),
      Case(
        command: #"printf '{"t":0,"type":"marker","text":"\xff\x1b[2J"}\n' | plan-view"#,
        status: 65,
        error: "plan-view: <stdin>:1: expected UTF-8"),
      Case(
        command: "echo 1 | plan-view", status: 65, error: "plan-view: <stdin>:1: expected"),
      Case(
        command: "plan-view < session > /dev/full", status: 74,
        error: "plan-view: cannot write to standard output: No space left on device"),
      Case(command: "plan-view < .", status: 74, error: "plan-view: cannot read <stdin>: Is a"),
    ]) func endsWithTheDocumentedStatus(wanted: Case) throws
  {
    let outcome = try Self.shell(wanted.command)
    #expect(outcome.status == wanted.status)
    #expect(outcome.error.hasPrefix(wanted.error), "\(outcome.error)")
    #expect(wanted.error.isEmpty == outcome.error.isEmpty)
  }

  /// Under tee(1), a viewer that ended early would end the music too.
  @Test(
    "reads on when its output fails or its input is bad",
    arguments: [
      ("reader gone", "plan-view | head -1", "0"),
      ("bad data", "(head -20 session; echo bad; cat) | plan-view 2>&1 >/dev/null", "65"),
      (
        "a long line",
        "(head -20 session; head -c 10000000 /dev/zero | tr '\\0' x; cat) | plan-view 2>&1 >/dev/null",
        "65"
      ),
      ("full disk", "plan-view 2>&1 > /dev/full", "74"),
    ]) func readsOnWhateverHappens(name: String, viewer: String, status: String) throws
  {
    let outcome = try Self.shell(
      "(cat session; echo written > mark) | { \(viewer); echo ${PIPESTATUS[@]}; }; cat mark",
      frames: 2000)
    #expect(outcome.lines.last == "written")
    #expect(outcome.lines.dropLast().last?.contains(status) ?? false, "\(outcome.text)")
  }

  /// The reader starts once the viewer has read everything.
  @Test("reads on while the reader of its output waits")
  func aReaderThatStandsStillHoldsNothingUp() throws {
    let waiting = "(until test -e mark; do sleep 0.02; done; cat)"
    let outcome = try Self.shell(
      "(cat session; echo > mark) | plan-view | \(waiting)", frames: 40_000)
    #expect(outcome.lines.count == 5001)
    #expect(outcome.lines.last == "2500:3  N.C.  then Am7  perhaps D7, G")
  }

  @Test("reads any amount in bounded memory")
  func readsAnyAmountInBoundedMemory() throws {
    let repeated = "awk 'NR == 1; NR == 3 { for (i = 0; i < 40000; i++) print }' session"
    let outcome = try Self.shell("\(repeated) | (ulimit -d 32768; plan-view) | wc -l")
    #expect(outcome.text == "1\n")
    #expect(outcome.status == 0)
  }

  @Test("ends with status 0 at a signal", arguments: ["INT", "TERM", "HUP"])
  func stopsAtASignal(name: String) throws {
    // A shell starts background commands with SIGINT ignored; env(1) undoes that.
    let outcome = try Self.shell(
      """
      mkfifo pipe
      env --default-signal=\(name) plan-view < pipe > lines & viewer=$!
      exec 3> pipe; cat session >&3
      until test -s lines; do sleep 0.02; done
      kill -\(name) $viewer; wait $viewer; echo $?
      """)
    #expect(outcome.text == "0\n")
  }
}
