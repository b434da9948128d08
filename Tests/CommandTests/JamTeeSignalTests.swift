import TestSupport
import Testing

/// Sends a signal to the tool, and waits until the tool has received it.
private func signalling(_ name: String) -> String {
  "kill -\(name) $tee; until grep -q '^ShdPnd:.*0000$' /proc/$tee/status; do sleep 0.01; done"
}

/// What jam-tee does after signals, and what it leaves if it is killed.
extension JamTeeCommandTests {
  /// A tool that writes to jam-tee ends its stream when the signal comes. Its last records pass,
  /// whether the signal ends the player or not.
  @Test(
    "records that follow a signal are passed on", arguments: ["INT", "TERM", "HUP"], [true, false])
  func passesRecordsAfterSignal(signal: String, playerEnds: Bool) throws {
    let (outcome, files) = try Self.shell(
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

  @Test(
    "a signal ends jam-tee although its input or output stays open", arguments: ["input", "output"])
  func stopsInTime(held: String) throws {
    let (outcome, _) = try Self.shell(
      """
      mkfifo in out; env --default-signal=TERM jam-tee --drain 0.1 copy < in > out & tee=$!
      exec 3> in 4< out
      \(held == "input" ? "cat session >&3" : "cat session session >&3 &")
      until test -s copy; do sleep 0.01; done
      kill -TERM $tee; wait $tee; echo $?
      """, ticks: held == "input" ? 9 : 2000)
    #expect(outcome.text == "0\n" && outcome.error.isEmpty, "\(outcome.text)\(outcome.error)")
  }

  /// ctrl-C ends viewers, too.
  @Test("a viewer that ends at the same signal is not reported")
  func ignoresEndOfViewer() throws {
    let (outcome, _) = try Self.shell(
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

  /// The recording has all lines up to its last one.
  @Test("if jam-tee is killed, a recording ends with a complete line")
  func recordingEndsWithLine() throws {
    let (outcome, _) = try Self.shell(
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
}
