import Foundation
import TestSupport
import Testing

/// The tool on a terminal of tmux(1).
@Suite struct PlanViewTerminalTests {
  /// The lines on the screen once the command has ended, and the cursor: whether it is shown, and
  /// its row.
  private func screen(_ command: String) throws -> (shown: [String], cursor: String) {
    let outcome = try PlanViewCommandTests.shell(
      """
      export TERM=xterm LC_ALL=C.UTF-8 TMUX_TMPDIR="$PWD"
      tmux -f /dev/null new-session -d -x 50 -y 10 '\(command); tmux wait -S done; sleep 60'
      tmux wait done
      tmux capture-pane -p; tmux display -p 'cursor #{cursor_flag} #{cursor_y}'
      tmux kill-server
      """)
    try #require(outcome.status == 0, "\(outcome.error)")
    return (outcome.lines.dropLast(), outcome.lines.last ?? "")
  }

  @Test("draws in place and leaves the last state")
  func drawsInPlaceAndLeavesTheLastState() throws {
    let (shown, cursor) = try screen("cat session | plan-view 2> /dev/null")
    #expect(
      shown == [
        "1:3  ○○●○  120 beats/min  4/4  tune.mid", "you   –", "now   ■ D7",
        "next  ■ G 2:1  □ Em 2:3  □ C 3:1",
      ])
    #expect(cursor == "cursor 1 4")
  }

  @Test("writes the chords of a recording as lines")
  func writesLinesOfARecording() throws {
    let (shown, _) = try screen("plan-view < session 2> /dev/null")
    #expect(
      shown == [
        "120 beats/min  4/4  tune.mid", "1:1  Am7  then D7  perhaps G, Em",
        "1:3  D7  then G  perhaps Em, C",
      ])
  }

  @Test("draws while the input lasts")
  func drawsWhileTheInputLasts() throws {
    let (shown, _) = try screen(
      """
      (head -3 session; until tmux capture-pane -p | grep -q Am7; do sleep 0.02; done
       tail -n +4 session) | plan-view 2> /dev/null; echo status $?
      """)
    #expect(shown.first == "1:3  ○○●○  120 beats/min  4/4  tune.mid")
    #expect(shown.last == "status 0")
    #expect(shown.count == 5)
  }

  @Test("leaves the terminal as it was at a signal")
  func aSignalLeavesTheTerminalAsItWas() throws {
    let (shown, cursor) = try screen(
      """
      mkfifo pipe; plan-view < pipe & exec 3> pipe; cat session >&3
      until tmux capture-pane -p | grep -q D7; do sleep 0.02; done
      kill -TERM $!; wait $!; echo status $?
      """)
    #expect(shown.suffix(2) == ["next  ■ G 2:1  □ Em 2:3  □ C 3:1", "status 0"])
    #expect(cursor == "cursor 1 5")
  }

  @Test("reads on while ctrl-S holds the terminal back")
  func aStoppedTerminalHoldsNothingUp() throws {
    let (shown, _) = try screen(
      """
      (cat session; tmux send-keys C-s
       plan=$(tail -n 1 session); for i in $(seq 2000); do echo "$plan"; done
       tmux send-keys C-q) | plan-view 2> /dev/null
      """)
    #expect(shown.last == "next  ■ G 2:1  □ Em 2:3  □ C 3:1")
  }

  @Test("lets no name of the stream steer the terminal")
  func namesDoNotSteerTheTerminal() throws {
    let hostile = #"sed "s/tune.mid/\\\\u001b[2J\\\\u009b2J/; s/Am7/\\\\u001b[31mX/" session"#
    let (shown, _) = try screen("\(hostile) | head -3 | plan-view")
    #expect(shown[0].hasSuffix("?[2J\u{FFFD}2J"))
    #expect(shown[2] == "now   ■ ?[31mX")
  }
}

/// A view that a person uses on a terminal of tmux(1): keys, the terminal's size, stops and ends.
@Suite struct PlanViewConsoleTests {
  /// Runs a viewer on a terminal of 80 x 24. Its stream waits at the 9th frame while the script
  /// `acting` runs. In the script, `shows text` waits until the text is on the screen, `press`
  /// presses keys, `viewer` prints the viewer's process, and `state` adds the state of the screen
  /// to the file `said`. Gives the lines of that file, and those on the screen in the end.
  private func use(
    _ acting: String, viewer: String = "plan-view", before: String = ""
  ) throws -> (said: [String], left: [String]) {
    let pane = """
      \(before)
      before=$(stty -g)
      shows() {
        for try in $(seq 500); do
          tmux capture-pane -p | grep -qF -- "$1" && return; sleep 0.02
        done
        (echo "never shown: $1"; tmux capture-pane -p) >> said
      }
      press() { tmux send-keys "$@"; }
      viewer() { cat viewer; }
      state() { tmux display -p 'alternate #{alternate_on} cursor #{cursor_flag}' >> said; }
      (cat session; shows '■ 2:1'; \(acting)
      ) | bash -c 'echo $$ > viewer; exec \(viewer)'
      echo status ${PIPESTATUS[1]}
      test "$before" = "$(stty -g)" && echo restored
      state
      tmux wait -S done; sleep 60
      """
    return try ToolRunner.withTemporaryFolder { folder in
      try Data(PlanViewCommandTests.session(frames: 9).utf8).write(
        to: folder.appendingPathComponent("session"))
      try Data(pane.utf8).write(to: folder.appendingPathComponent("pane"))
      let outcome = try ToolRunner.shell(
        """
        export TERM=xterm-256color LC_ALL=C.UTF-8 TMUX_TMPDIR="$PWD"
        tmux -f /dev/null new-session -d -x 80 -y 24 'bash pane 2> errors'
        tmux wait done; tmux capture-pane -p; tmux kill-server; echo said:; cat said
        """, folder: folder)
      try #require(outcome.status == 0, "\(outcome.error)")
      let parts = outcome.text.components(separatedBy: "said:\n").map {
        $0.split(separator: "\n").map(String.init)
      }
      return (parts[1], parts[0])
    }
  }

  private static let last = [
    "1:3  ○○●○  120 beats/min  4/4  tune.mid", "you   –", "now   ■ D7",
    "next  ■ G 2:1  □ Em 2:3  □ C 3:1", "status 0", "restored",
  ]

  @Test("draws on the alternate screen and leaves the last state")
  func theWaterfallHasAScreenOfItsOwnAndLeavesTheLastState() throws {
    let (said, left) = try use("shows '? keys'; state")
    #expect(said == ["alternate 1 cursor 0", "alternate 0 cursor 1"])
    #expect(left == Self.last)
  }

  @Test("changes what it shows by keys")
  func keysChangeWhatIsShown() throws {
    let (said, left) = try use(
      """
      press n; shows ' V7 '; press t; shows 'Ab major  transposed +1'; press ]; shows '+10 ms'
      press +; shows '□ 3:1 in'; press ?; shows 'quit the view'; press c; shows 'now   ■ V7'
      press n l w; shows '■ 2:1'; press T [; shows ' 57 '
      """, viewer: "plan-view --key G")
    #expect(said == ["alternate 0 cursor 1"])
    #expect(left.suffix(2) == ["status 0", "restored"])
    #expect(left[2] == "now   ■ 57")
  }

  @Test("reads on after q has ended the view")
  func whoHasSeenEnoughHoldsNothingUp() throws {
    let (said, left) = try use(
      """
      press q; until test "$(tmux display -p '#{alternate_on}')" = 0; do sleep 0.02; done
      plan=$(tail -n 1 session); for i in $(seq 2000); do echo "$plan"; done; echo written >> said
      """)
    #expect(said == ["written", "alternate 0 cursor 1"])
    #expect(left == Self.last)
  }

  @Test("follows the size of the terminal")
  func followsTheSizeOfTheTerminal() throws {
    let (said, _) = try use(
      """
      tmux resize-window -x 60 -y 15; shows 'now   ■ D7'; state
      tmux resize-window -x 120 -y 40; shows '? keys'; state
      tmux capture-pane -p | tail -n 1 | wc -m >> said
      """)
    #expect(
      said == ["alternate 0 cursor 1", "alternate 1 cursor 0", "121", "alternate 0 cursor 1"])
  }

  @Test(
    "leaves the terminal as it was at a signal",
    arguments: [("INT", 0), ("TERM", 0), ("HUP", 0), ("QUIT", 131)])
  func aSignalLeavesTheTerminalAsItWas(name: String, status: Int) throws {
    let (said, left) = try use(
      "kill -\(name) $(viewer); while kill -0 $(viewer); do sleep 0.02; done")
    #expect(said == ["alternate 0 cursor 1"])
    #expect(left.suffix(2) == ["status \(status)", "restored"])
  }

  /// A viewer without a pipe reads the terminal, which has no keys for it then.
  @Test("leaves a terminal that is also its input as it was")
  func aSignalLeavesTheTerminalThatItReadsAsItWas() throws {
    let outcome = try ToolRunner.withTemporaryFolder { folder in
      try Data(
        """
        alternate() { test "$(tmux display -p '#{alternate_on}')" = $1; }
        (until alternate 1; do sleep 0.02; done; kill -QUIT $(cat viewer)) &
        bash -c 'echo $$ > viewer; exec plan-view'
        tmux display -p "status $? alternate #{alternate_on} cursor #{cursor_flag}" > said
        tmux wait -S done
        """.utf8
      ).write(to: folder.appendingPathComponent("pane"))
      return try ToolRunner.shell(
        """
        export TERM=xterm-256color LC_ALL=C.UTF-8 TMUX_TMPDIR="$PWD"
        tmux -f /dev/null new-session -d -x 80 -y 24 'bash pane 2> errors'
        tmux wait done; cat said
        """, folder: folder)
    }
    #expect(outcome.text == "status 131 alternate 0 cursor 1\n", "\(outcome.error)")
  }

  @Test("leaves the terminal as it was at bad data")
  func badDataLeavesTheTerminalAsItWas() throws {
    let (said, left) = try use("echo bad")
    #expect(said == ["alternate 0 cursor 1"])
    #expect(left.suffix(2) == ["status 65", "restored"])
  }

  @Test("gives the terminal back at ctrl-Z and takes it again")
  func whileItStandsStillTheTerminalIsAsItWas() throws {
    let (said, left) = try use(
      """
      kill -TSTP $(viewer); until grep -q 'State:.T' /proc/$(viewer)/status; do sleep 0.02; done
      state; stty -a < /dev/tty | grep -o ' icanon' >> said
      kill -CONT $(viewer); shows '? keys'; state; stty -a < /dev/tty | grep -o ' -icanon' >> said
      """)
    #expect(
      said == [
        "alternate 0 cursor 1", " icanon", "alternate 1 cursor 0", " -icanon",
        "alternate 0 cursor 1",
      ])
    #expect(left == Self.last)
  }

  /// Another program such as `midi-in --keyboard`.
  @Test("leaves the keys to a program that reads them already")
  func keysThatAnotherProgramTakesAreLeftToIt() throws {
    let (said, left) = try use(
      "press c; read -n 1 key < /dev/tty; echo got $key >> said; state",
      before: "stty -icanon -echo")
    #expect(said == ["got c", "alternate 1 cursor 0", "alternate 0 cursor 1"])
    #expect(left == Self.last)
  }

  @Test(
    "draws with colours as the option says",
    arguments: [
      ("--color never", 0), ("--color always", 1), ("--color auto", 0),
    ])
  func colorsAreAsSomebodyWants(option: String, count: Int) throws {
    let (said, _) = try use(
      "tmux capture-pane -p -e | head -n 3 | grep -c $(printf '\\033') | sed 's/[1-9]/1/' >> said",
      viewer: "env NO_COLOR=1 plan-view \(option)")
    #expect(said == ["\(count)", "alternate 0 cursor 1"])
  }
}
