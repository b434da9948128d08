import Foundation
import Music
import Records
import TestSupport
import Testing

/// midi-in --keyboard on a terminal of its own.
@Suite struct MidiInTerminalTests {
  /// Runs midi-in on a pseudo-terminal, types keys after the header, and ends it in some way.
  /// Prints its status, whether the terminal echoed keys, whether it is restored, and the stream.
  static let script = #"""
    import os, pty, select, signal, subprocess, sys, termios
    ending, keys, arguments = sys.argv[1], sys.argv[2].encode(), sys.argv[3:]
    master, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    def take_terminal():
        os.setsid()
        import fcntl
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    tool = subprocess.Popen(
        ["midi-in", "--keyboard"] + arguments, stdin=terminal, stdout=subprocess.PIPE,
        preexec_fn=take_terminal)
    output = tool.stdout.readline()
    during = termios.tcgetattr(terminal)
    os.write(master, keys)
    while b"note_on" not in output: output += tool.stdout.readline()
    if ending == "head": tool.stdout.close()
    elif ending == "hangup": os.close(master)
    elif ending.startswith("key"): os.write(master, bytes([int(ending[3:])]))
    else: tool.send_signal(getattr(signal, ending))
    if ending != "head": output += tool.stdout.read()
    status = tool.wait(timeout=10)
    after = "gone" if ending == "hangup" else termios.tcgetattr(terminal) == before
    echoes = bool(during[3] & termios.ECHO)
    print(status, echoes, after)
    sys.stdout.write(output.decode())
    """#

  /// The lines that the script prints.
  static func played(_ ending: String, _ keys: String, _ options: String = "") throws -> [String] {
    try ToolRunner.withTemporaryFolder { folder in
      try Data(script.utf8).write(to: folder.appendingPathComponent("play.py"))
      let outcome = try ToolRunner.shell(
        "timeout 30 python3 play.py \(ending) '\(keys)' \(options)", folder: folder)
      #expect(outcome.error == "")
      return outcome.lines
    }
  }

  /// Keys 3, 4 and 113 are ctrl-C, ctrl-D and q.
  @Test(
    "the terminal is restored, whatever ends midi-in",
    arguments: [
      ("key113", "quit"), ("key3", "interrupted"), ("key4", "quit"), ("SIGINT", "interrupted"),
      ("SIGTERM", "interrupted"), ("SIGHUP", "interrupted"), ("head", nil),
    ] as [(String, String?)])
  func restoresTerminal(ending: String, reason: String?) throws {
    let lines = try Self.played(ending, "a")
    // No echo while it plays, the old settings afterwards.
    #expect(lines.first == "0 False True")
    guard let reason else { return }
    #expect(lines.last?.contains("\"reason\":\"\(reason)\"") ?? false)
    let types = try lines.dropFirst().map { try Record(parsing: $0) }.filter {
      if case .tick = $0.event { false } else { true }
    }.map(\.event)
    guard types.count == 4, case .message(.noteOn(let on)) = types[1],
      case .message(.noteOff(let off)) = types[2]
    else {
      Issue.record("\(lines)")
      return
    }
    #expect(on.pitch == Pitch(60) && off.pitch == Pitch(60))
  }

  @Test("keys become notes in real time, with the tempo, meter and channel of the options")
  func playsInRealTime() throws {
    let lines = try Self.played("key113", "xs", "--start now --tempo 300 --meter 3/4 --channel 4")
    #expect(lines[1].contains(#""tempo":300,"meter":"3/4""#))
    #expect(lines[1].contains(#""epoch_us":"#))
    #expect(lines[2] == #"{"t":0,"type":"tick","frame":0}"#)
    #expect(lines.contains { $0.contains(#""type":"note_on","ch":4,"note":74,"vel":100"#) })
  }

  @Test("a terminal that hangs up ends the stream")
  func endsOnHangup() throws {
    let lines = try Self.played("hangup", "a")
    #expect(lines.first == "0 False gone")
    #expect(lines.last?.contains("\"end\"") ?? false)
  }

  @Test("--keyboard needs a terminal")
  func needsTerminal() throws {
    let outcome = try ToolRunner.shell("setsid -w midi-in --keyboard")
    #expect(outcome.status == 69)
    #expect(outcome.error.hasPrefix("midi-in: cannot open a terminal for --keyboard: "))
  }
}
