import Foundation
import TestSupport
import Testing

/// The lines of a session of ticks.
private func session(ticks: Int) -> [String] {
  let header =
    #"{"t":0,"type":"header","format":"jam","version":1,"tempo":120,"meter":"4/4","#
    + #""frames_per_beat":4,"producer":"test","source":"made"}"#
  let frames = (0..<ticks).map { #"{"t":\#($0 * 125_000),"type":"tick","frame":\#($0)}"# }
  return [header] + frames + [#"{"t":\#(ticks * 125_000),"type":"end","reason":"end of file"}"#]
}

private func data(_ lines: [String]) -> Data {
  Data(lines.map { $0 + "\n" }.joined().utf8)
}

/// Runs a command where the file `session` holds so many ticks, and gives what it left of the files
/// that are named.
private func shell(
  _ command: String, ticks: Int = 9, files: [String] = []
) throws -> (outcome: ToolRunner.Outcome, files: [[String]]) {
  try ToolRunner.withTemporaryFolder { folder in
    try data(session(ticks: ticks)).write(to: folder.appendingPathComponent("session"))
    let outcome = try ToolRunner.shell(command, folder: folder)
    let texts = try files.map {
      try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
    }
    return (outcome, texts.map { $0.split(separator: "\n").map(String.init) })
  }
}

/// What a branch got, and what it was told that it lacks.
private struct Account {
  /// Where the line stands in the input.
  var lines: [(place: Int, text: String)] = []
  /// The first line of the input that is not missing any more, and the time that is told.
  var gaps: [(end: Int, time: Int)] = []
  var dropped = 0
  var count: Int { lines.count + dropped }
}

private func account(for got: [String]) throws -> Account {
  var account = Account()
  for line in got {
    if line.contains("dropped"),
      let gap = line.wholeMatch(of: /{"t":(\d+),"type":"stat","dropped":(\d+)}/)
    {
      account.dropped += try #require(Int(gap.output.2))
      account.gaps.append((account.count, try #require(Int(gap.output.1))))
    } else {
      account.lines.append((account.count, line))
    }
  }
  return account
}

/// A reader of the pipe `slow` that stands still until `go` lets it.
private let stoppedReader = """
  mkfifo slow; exec 5<> slow; cat < slow > got 5>&- & reader=$!
  until [[ /proc/$reader/fd/0 -ef slow ]]; do sleep 0.01; done; kill -STOP $reader
  until grep -q '^State:.T' /proc/$reader/status; do sleep 0.01; done; exec 5>&-
  go() { kill -CONT $reader; }
  """

/// Sends a signal to the tool, and waits until it has taken it.
private func signalling(_ name: String) -> String {
  "kill -\(name) $tee; until grep -q '^ShdPnd:.*0000$' /proc/$tee/status; do sleep 0.01; done"
}

@Suite struct JamTeeCommandTests {
  struct Case: CustomTestStringConvertible {
    var testDescription: String
    var bytes: Data

    init(_ name: String, _ bytes: Data) { (testDescription, self.bytes) = (name, bytes) }
  }

  /// It checks nothing: what is wrong with a stream is for the next tool to say.
  @Test(arguments: [
    Case("a session", data(session(ticks: 1000))), Case("nothing", Data()),
    Case("unknown records", data([#"{"t":0,"type":"dance", "steps" : [1,2e3]}"#, "zz", "", "{"])),
    Case("an unfinished last line", Data("a\nb".utf8)), Case("blank lines", Data("\n\n\n".utf8)),
    Case("overlong lines", data(["x", "y", "z"].map { String(repeating: $0, count: 50_000) })),
    Case("an endless line", Data(repeating: 0x78, count: 300_000)),
    Case("no text", Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })),
  ]) func passesEveryByteOn(wanted: Case) throws {
    try ToolRunner.withTemporaryFolder { folder in
      let outcome = try ToolRunner.shell(
        "jam-tee one >(cat > two; echo > done) && until test -e done; do sleep 0.01; done",
        input: wanted.bytes, folder: folder)
      #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
      #expect(outcome.output == wanted.bytes)
      for name in ["one", "two"] {
        #expect(try Data(contentsOf: folder.appendingPathComponent(name)) == wanted.bytes)
      }
    }
  }

  /// Each line comes, also to a file, before the next is written.
  @Test func passesEachLineOnAtOnce() throws {
    let (outcome, _) = try shell(
      """
      coproc TEE { jam-tee copy; }
      exec 3>&${TEE[1]} 4<&${TEE[0]} {TEE[1]}>&-
      while read -r line; do
        echo "$line" >&3; read -r answer <&4; [[ $answer == "$line" ]] || echo "$answer"
        until grep -qxF "$line" copy; do sleep 0.01; done
      done < session
      exec 3>&-; wait $!; cmp session copy
      """)
    #expect(outcome.status == 0 && outcome.text.isEmpty && outcome.error.isEmpty)
  }

  // MARK: Branches that do not keep up

  /// The reader takes nothing before all has come out of standard output, and misses exactly what it
  /// is told.
  @Test(arguments: [64, 500]) func aBranchThatStandsStillHoldsNothingUp(queue: Int) throws {
    let (outcome, files) = try shell(
      """
      \(stoppedReader)
      (cat session; until cmp -s session out; do sleep 0.01; done; go) |
        jam-tee --queue \(queue) --drain 60 slow > out
      wait $reader
      """, ticks: 20_000, files: ["session", "got"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let (sent, got) = (files[0], files[1])
    let account = try account(for: got)
    let isWhole = account.lines.allSatisfy { sent[$0.place] == $0.text }
    #expect(isWhole && account.count == sent.count)
    #expect(account.dropped > 0 && got.first == sent.first && got.last == sent.last)
    #expect(outcome.error == "jam-tee: slow: lines dropped: \(account.dropped)\n")
    // A gap is told at the time of the last line that is missing.
    let areTimesRight = account.gaps.allSatisfy {
      sent[$0.end - 1].hasPrefix(#"{"t":\#($0.time),"#)
    }
    #expect(areTimesRight)
  }

  @Test func aViewerThatStandsStillIsCaughtUpWith() throws {
    let (outcome, files) = try shell(
      """
      \(stoppedReader)
      (cat session; until cmp -s session out; do sleep 0.01; done; go) |
        jam-tee --drain 60 slow copy > out
      wait $reader; cmp session copy
      """, ticks: 5000, files: ["session", "got"])
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    let isWhole = files[0] == files[1]
    #expect(isWhole)
  }

  /// While nobody reads standard output, branches get what was read, and standard output loses
  /// nothing.
  @Test func branchesGoOnWhileStandardOutputIsStill() throws {
    let (outcome, _) = try shell(
      """
      jam-tee copy < session | {
        lines=0
        until last=$(wc -l < copy) && [[ $last -gt 1000 && $last -eq $lines ]]; do
          lines=$last; sleep 0.05
        done 2> error
        cat
      } > out
      cmp session out && cmp session copy
      """, ticks: 20_000)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.error)")
  }

  @Test func aPipeWithoutAReaderKeepsNobodyWaiting() throws {
    let (outcome, files) = try shell(
      "mkfifo nobody; jam-tee --queue 64 --drain 0.1 nobody < session > out",
      ticks: 20_000, files: ["session", "out"])
    #expect(outcome.status == 0)
    let isWhole = files[1] == files[0]
    #expect(isWhole)
    let counts = try #require(
      outcome.error.wholeMatch(of: /jam-tee: nobody: lines dropped: (\d+), left behind: (\d+)\n/))
    #expect(try #require(Int(counts.output.1)) + #require(Int(counts.output.2)) == 20_002)
  }

  @Test func whatABranchHasNotTakenInTimeIsLeftBehind() throws {
    let (outcome, files) = try shell(
      """
      \(stoppedReader)
      jam-tee --drain 0.1 slow < session > out
      go; wait $reader
      """, ticks: 5000, files: ["session", "out", "got"])
    #expect(outcome.status == 0)
    let got = files[2]
    let (isWhole, areWholeLines) = (files[1] == files[0], files[0].starts(with: got))
    #expect(isWhole && areWholeLines)
    #expect(outcome.error == "jam-tee: slow: lines left behind: \(5002 - got.count)\n")
  }

  // MARK: Branches that end

  @Test func aReaderThatGoesAwayIsSaidOnce() throws {
    let (outcome, _) = try shell(
      """
      mkfifo short; (read -r line < short; echo > gone) &
      (head -1 session; until test -e gone; do sleep 0.01; done; tail -n +2 session) |
        jam-tee short copy | cmp - session && cmp copy session
      """, ticks: 1000)
    #expect(outcome.status == 0 && outcome.text.isEmpty, "\(outcome.text)")
    #expect(outcome.error == "jam-tee: cannot write to short: Broken pipe\n")
  }

  @Test func aFullDiskIsSaidAndTheOthersGoOn() throws {
    let (outcome, _) = try shell(
      "jam-tee /dev/full copy < session | cmp - session; echo ${PIPESTATUS[@]}; cmp copy session",
      ticks: 1000)
    #expect(outcome.text == "74 0\n")
    #expect(outcome.error == "jam-tee: cannot write to /dev/full: No space left on device\n")
  }

  struct Ending: CustomTestStringConvertible {
    var command: String
    var status: Int32
    var error: String
    var testDescription: String { command }
  }

  @Test(arguments: [
    Ending(command: "jam-tee < session", status: 0, error: ""),
    Ending(
      command: "jam-tee copy < session | head -1; echo ${PIPESTATUS[@]}", status: 0, error: ""),
    Ending(
      command: "jam-tee copy < session > /dev/full; s=$?; cmp session copy; exit $s", status: 74,
      error: "jam-tee: cannot write to standard output: No space left on device"),
    Ending(
      command: "jam-tee nowhere/copy < session", status: 74,
      error: "jam-tee: cannot write to nowhere/copy: No such file or directory"),
    Ending(
      command: "jam-tee . < session", status: 74,
      error: "jam-tee: cannot write to .: Is a directory"),
    Ending(
      command: "jam-tee < .", status: 74, error: "jam-tee: cannot read <stdin>: Is a directory"),
    Ending(
      command: "jam-tee --queue 1", status: 64,
      error: "jam-tee: expected --queue 64 to 1048576 KiB, found 1"),
    Ending(
      command: "jam-tee --drain nan", status: 64,
      error: "jam-tee: expected --drain 0 to 60 seconds, found nan"),
  ]) func endsWithTheDocumentedStatus(wanted: Ending) throws {
    let (outcome, _) = try shell(wanted.command)
    #expect(outcome.status == wanted.status)
    #expect(outcome.error.hasPrefix(wanted.error), "\(outcome.error)")
    #expect(wanted.error.isEmpty == outcome.error.isEmpty)
  }

  /// The music ends with its player, although the input goes on.
  @Test func endsWhenTheReaderOfStandardOutputDoes() throws {
    let (outcome, _) = try shell(
      """
      mkfifo in out; jam-tee copy < in > out & tee=$!
      exec 3> in 4< out
      head -1 session >&3; read -r line <&4
      exec 4<&-
      tail -n +2 session >&3
      wait $tee; echo $?; cmp copy session
      """)
    #expect(outcome.text == "0\n" && outcome.error.isEmpty, "\(outcome.text)\(outcome.error)")
  }

  // MARK: Signals

  /// Who writes to it ends the stream when the signal comes: that still passes, to a player that has
  /// ended at the signal as well, and to one that has not.
  @Test(arguments: ["INT", "TERM", "HUP"], [true, false])
  func theLastRecordsPassAfterASignal(signal: String, playerEnds: Bool) throws {
    let (outcome, files) = try shell(
      """
      mkfifo in out; env --default-signal=\(signal) jam-tee --drain 60 copy < in > out & tee=$!
      exec 3> in 4< out
      head -5 session >&3; for i in {1..5}; do read -r line <&4; echo "$line" >> got; done
      \(signalling(signal))
      \(playerEnds ? "exec 4<&-" : ":")
      tail -n +6 session | while read -r line; do
        echo "$line" >&3; until grep -qxF "$line" copy; do sleep 0.01; done
      done
      exec 3>&-
      \(playerEnds ? ":" : "cat <&4 >> got")
      wait $tee; echo $?
      """, files: ["session", "copy", "got"])
    #expect(outcome.text == "0\n" && outcome.error.isEmpty, "\(outcome.text)\(outcome.error)")
    #expect(files[1] == files[0])
    #expect(files[2] == (playerEnds ? Array(files[0].prefix(5)) : files[0]))
  }

  @Test(arguments: ["input", "output"]) func noneOfThemKeepsItFromStopping(held: String) throws {
    let (outcome, _) = try shell(
      """
      mkfifo in out; env --default-signal=TERM jam-tee --drain 0.1 copy < in > out & tee=$!
      exec 3> in 4< out
      \(held == "input" ? "cat session >&3" : "cat session session >&3 &")
      until test -s copy; do sleep 0.01; done
      kill -TERM $tee; wait $tee; echo $?
      """, ticks: held == "input" ? 9 : 2000)
    #expect(outcome.text == "0\n" && outcome.error.isEmpty, "\(outcome.text)\(outcome.error)")
  }

  /// A viewer ends at the same ctrl-C: that is no news.
  @Test func viewersThatEndAtTheSignalAreNotSaid() throws {
    let (outcome, _) = try shell(
      """
      mkfifo in viewer; env --default-signal=INT jam-tee --drain 60 viewer < in > out & tee=$!
      exec 3> in 4< viewer
      head -1 session >&3; read -r line <&4
      \(signalling("INT"))
      exec 4<&-
      tail -n +2 session >&3; exec 3>&-
      wait $tee; echo $?; cmp out session
      """)
    #expect(outcome.text == "0\n" && outcome.error.isEmpty, "\(outcome.text)\(outcome.error)")
  }

  /// Killed anywhere, a recording is what came up to its last whole line.
  @Test func aRecordingThatIsKilledIsWholeLines() throws {
    let (outcome, _) = try shell(
      """
      for size in 1 20000 300000 700000; do
        while cat session; do :; done 2> error | { jam-tee copy > out & echo $! > pid; wait; } &
        until test -s pid && [[ $(stat -c %s copy 2>> error) -ge $size ]]; do sleep 0.001; done
        { kill -KILL $(cat pid); wait; } 2> error
        head -c $(stat -c %s copy) <(while cat session; do :; done 2> error) | cmp - copy || exit
        [[ -z $(tail -c 1 copy) ]] || echo torn
        rm pid copy
      done
      """, ticks: 5000)
    #expect(outcome.status == 0 && outcome.text.isEmpty, "\(outcome.text)\(outcome.error)")
  }

  /// A stalled branch costs what its queue holds, however long the session lasts.
  @Test func memoryIsBounded() throws {
    let (outcome, _) = try shell(
      """
      mkfifo nobody
      yes "$(printf %04000d 0)" | head -n 20000 |
        (ulimit -d 32768; jam-tee --drain 0 nobody) | wc -c
      """)
    #expect(outcome.text == "\(20_000 * 4001)\n")
  }
}
