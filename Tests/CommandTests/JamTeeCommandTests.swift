import Foundation
import TestSupport
import Testing

/// What a branch got: lines, and records of how many lines it missed.
private struct Account {
  /// The lines, and the place of each in the input.
  var lines: [(place: Int, text: String)] = []
  /// The place of the first line after each gap, and the time in the record of the gap.
  var gaps: [(end: Int, time: Int)] = []
  var dropped = 0
  var count: Int { lines.count + dropped }
}

/// Reads the lines of a branch, among them the records of gaps.
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

/// Starts a reader of the pipe `slow` and stops it; `go` lets it continue.
private let stoppedReader = """
  mkfifo slow; exec 5<> slow; cat < slow > got 5>&- & reader=$!
  until [[ /proc/$reader/fd/0 -ef slow ]]; do sleep 0.01; done; kill -STOP $reader
  until grep -q '^State:.T' /proc/$reader/status; do sleep 0.01; done; exec 5>&-
  go() { kill -CONT $reader; }
  """

/// jam-tee, run as a user would.
@Suite struct JamTeeCommandTests {
  /// The lines of a session that has ticks only.
  static func session(ticks: Int) -> [String] {
    let header =
      #"{"t":0,"type":"header","format":"jam","version":1,"tempo":120,"meter":"4/4","#
      + #""frames_per_beat":4,"producer":"test","source":"made"}"#
    let frames = (0..<ticks).map { #"{"t":\#($0 * 125_000),"type":"tick","frame":\#($0)}"# }
    return [header] + frames + [#"{"t":\#(ticks * 125_000),"type":"end","reason":"end of file"}"#]
  }

  /// Lines as the bytes of a stream.
  static func data(_ lines: [String]) -> Data {
    Data(lines.map { $0 + "\n" }.joined().utf8)
  }

  /// Runs a command in a folder where the file `session` has `ticks` ticks. Returns the outcome and
  /// the lines of the named files.
  static func shell(
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

  struct Case: CustomTestStringConvertible {
    var testDescription: String
    var bytes: Data

    init(_ name: String, _ bytes: Data) { (testDescription, self.bytes) = (name, bytes) }
  }

  /// jam-tee checks nothing: the next tool reports what is wrong with a stream.
  @Test(
    "every byte is passed on, and copied to each branch",
    arguments: [
      Case("a session", data(session(ticks: 1000))), Case("nothing", Data()),
      Case(
        "unknown records", data([#"{"t":0,"type":"dance", "steps" : [1,2e3]}"#, "zz", "", "{"])),
      Case("an unfinished last line", Data("a\nb".utf8)), Case("blank lines", Data("\n\n\n".utf8)),
      Case("overlong lines", data(["x", "y", "z"].map { String(repeating: $0, count: 50_000) })),
      Case("an endless line", Data(repeating: 0x78, count: 300_000)),
      Case("binary data", Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })),
    ])
  func passesEveryByte(input: Case) throws {
    try ToolRunner.withTemporaryFolder { folder in
      let outcome = try ToolRunner.shell(
        "jam-tee one >(cat > two; echo > done) && until test -e done; do sleep 0.01; done",
        input: input.bytes, folder: folder)
      #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
      #expect(outcome.output == input.bytes)
      for name in ["one", "two"] {
        #expect(try Data(contentsOf: folder.appendingPathComponent(name)) == input.bytes)
      }
    }
  }

  /// Each line comes out, and into a file, before the next one is written.
  @Test("each line is passed on at once")
  func passesLinesAtOnce() throws {
    let (outcome, _) = try Self.shell(
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

  // MARK: Slow branches

  /// Its reader takes nothing until all lines have come out of standard output.
  @Test("a branch that stalls delays nothing, and learns what it missed", arguments: [64, 500])
  func stalledBranch(queue: Int) throws {
    let (outcome, files) = try Self.shell(
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
    // The record of a gap has the time of the last line that was dropped.
    let areTimesRight = account.gaps.allSatisfy {
      sent[$0.end - 1].hasPrefix(#"{"t":\#($0.time),"#)
    }
    #expect(areTimesRight)
  }

  @Test("a branch that stalls briefly misses nothing")
  func stalledBranchCatchesUp() throws {
    let (outcome, files) = try Self.shell(
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

  /// Standard output gets all lines later.
  @Test("branches get the lines that were read while standard output stalls")
  func standardOutputStalls() throws {
    let (outcome, _) = try Self.shell(
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

  @Test("a pipe without a reader delays nothing")
  func pipeWithoutReader() throws {
    let (outcome, files) = try Self.shell(
      "mkfifo nobody; jam-tee --queue 64 --drain 0.1 nobody < session > out",
      ticks: 20_000, files: ["session", "out"])
    #expect(outcome.status == 0)
    let isWhole = files[1] == files[0]
    #expect(isWhole)
    let counts = try #require(
      outcome.error.wholeMatch(of: /jam-tee: nobody: lines dropped: (\d+), left behind: (\d+)\n/))
    #expect(try #require(Int(counts.output.1)) + #require(Int(counts.output.2)) == 20_002)
  }

  @Test("lines that a branch does not take within --drain are left behind")
  func leavesLinesBehind() throws {
    let (outcome, files) = try Self.shell(
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

  @Test("a branch whose reader goes away is reported once")
  func reportsLostReader() throws {
    let (outcome, _) = try Self.shell(
      """
      mkfifo short; (read -r line < short; echo > gone) &
      (head -1 session; until test -e gone; do sleep 0.01; done; tail -n +2 session) |
        jam-tee short copy | cmp - session && cmp copy session
      """, ticks: 1000)
    #expect(outcome.status == 0 && outcome.text.isEmpty, "\(outcome.text)")
    #expect(outcome.error == "jam-tee: cannot write to short: Broken pipe\n")
  }

  @Test("a full disk is reported, and the other branches go on")
  func reportsFullDisk() throws {
    let (outcome, _) = try Self.shell(
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

  @Test(
    "jam-tee ends with the documented status",
    arguments: [
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
    ])
  func endsWithStatus(ending: Ending) throws {
    let (outcome, _) = try Self.shell(ending.command)
    #expect(outcome.status == ending.status)
    #expect(outcome.error.hasPrefix(ending.error), "\(outcome.error)")
    #expect(ending.error.isEmpty == outcome.error.isEmpty)
  }

  @Test("jam-tee ends with the reader of standard output, although its input goes on")
  func endsWithReader() throws {
    let (outcome, _) = try Self.shell(
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

  // MARK: Memory

  /// 80 MB of lines pass through a process with 32 MiB of memory.
  @Test("a stalled branch takes no more memory than its queue")
  func limitsMemory() throws {
    let (outcome, _) = try Self.shell(
      """
      mkfifo nobody
      yes "$(printf %04000d 0)" | head -n 20000 |
        (ulimit -d 32768; jam-tee --drain 0 nobody) | wc -c
      """)
    #expect(outcome.text == "\(20_000 * 4001)\n")
  }
}
