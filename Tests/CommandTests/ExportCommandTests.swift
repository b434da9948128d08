import Foundation
import TestSupport
import Testing

/// Reads pictures with the parsers of Python's library.
private let pictures = #"""
  import json, struct, sys, xml.etree.ElementTree as ET, zlib
  NS = '{http://www.w3.org/2000/svg}'

  def classed(root, name):
      """The elements of a class, without those that continue one of the row above."""
      found = [e for e in root.iter() if name in e.get('class', '').split()]
      return [e for e in found if 'continued' not in e.get('class').split()]

  def title(element):
      return element.find(NS + 'title').text

  def session(path):
      return [json.loads(line) for line in open(path)]

  def pixels(path):
      """Width, height and the rows of an RGB file of 8 bits."""
      data = open(path, 'rb').read()
      assert data[:8] == b'\x89PNG\r\n\x1a\n'
      width, height, depth, kind = struct.unpack('>IIBB', data[16:26])
      assert (depth, kind) == (8, 2)
      packed, at = b'', 8
      while at < len(data):
          size, name = struct.unpack('>I4s', data[at:at + 8])
          if name == b'IDAT': packed += data[at + 8:at + 8 + size]
          at += size + 12
      raw, rows, before = zlib.decompress(packed), [], bytes(3 * width)
      for y in range(height):
          line = bytearray(raw[y * (3 * width + 1):(y + 1) * (3 * width + 1)])
          filter, line = line[0], line[1:]
          for i in range(len(line)):
              a, b, c = line[i - 3] if i > 2 else 0, before[i], before[i - 3] if i > 2 else 0
              p = a + b - c
              paeth = min((abs(p - v), n, v) for n, v in enumerate((a, b, c)))[2]
              line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth)[filter]) % 256
          rows.append(bytes(line)); before = line
      return width, height, rows
  """#

@Suite struct ExportCommandTests {
  /// Runs a command and then Python that may use the functions of `pictures`. The folder has
  /// Examples and `session`, a session of 24 bars.
  static func look(
    _ command: String, _ check: String = "", frames: Int = 384
  ) throws -> ToolRunner.Outcome {
    try ToolRunner.withTemporaryFolder { folder in
      try Data(session(frames: frames).utf8).write(to: folder.appendingPathComponent("session"))
      try Data((pictures + "\n").utf8).write(to: folder.appendingPathComponent("pictures.py"))
      try Data(check.utf8).write(to: folder.appendingPathComponent("check.py"))
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent("Examples"),
        withDestinationURL: ToolRunner.root.appendingPathComponent("Examples"))
      let script = "export PYTHONDONTWRITEBYTECODE=1; \(command)"
      let python = check.isEmpty ? "" : "\ncat pictures.py check.py | python3 - || exit 1"
      return try ToolRunner.shell(script + python, folder: folder)
    }
  }

  /// A session with a note on each beat, and a plan in each frame that reaches four beats ahead and
  /// commits one. A chord lasts half a bar. While it is two beats or more ahead, the plan has the
  /// chord after it.
  static func session(frames: Int) -> String {
    let symbols = ["Am7", "D7", "G", "Em", "C", "F#m7b5", "B7", "N"]
    func planned(_ index: Int, at tick: Int) -> String {
      symbols[(index * 8 - tick >= 8 ? index + 1 : index) % 8]
    }
    var text =
      #"{"t":0,"type":"header","format":"jam","version":1,"tempo":120,"meter":"4/4","#
      + #""frames_per_beat":4,"producer":"test","source":"tune.mid"}"# + "\n"
    for tick in 0..<frames {
      let time = tick * 125_000
      text += #"{"t":\#(time),"type":"tick","frame":\#(tick)}"# + "\n"
      let chords = (tick / 8..<(tick + 23) / 8).map { index in
        let to = min(index * 8 + 8, tick + 16)
        return #"{"from":\#(index * 8),"to":\#(to),"chord":"\#(planned(index, at: tick))"}"#
      }
      text +=
        #"{"t":\#(time),"type":"plan","frame":\#(tick),"rev":\#(tick + 1),"commit":\#(tick + 4),"#
        + #""until":\#(tick + 16),"chords":[\#(chords.joined(separator: ","))],"melody":[]}"# + "\n"
      guard tick % 4 == 0 else { continue }
      for (type, note) in [("note_off", (tick - 4) / 4 % 24 + 55), ("note_on", tick / 4 % 24 + 55)]
      {
        text += #"{"t":\#(time),"type":"\#(type)","ch":1,"note":\#(note),"vel":80}"# + "\n"
      }
    }
    return text + #"{"t":\#(frames * 125_000),"type":"end","reason":"eof"}"# + "\n"
  }

  struct Case: CustomTestStringConvertible {
    var command: String
    var status: Int32
    var error: String
    var testDescription: String { command }
  }

  @Test(
    "ends with the documented status and leaves no picture",
    arguments: [
      Case(
        command: "plan-view --export plan.pdf", status: 64,
        error: "plan-view: expected --export with a name that ends in .svg or .png"),
      Case(
        command: "plan-view --export plan", status: 64, error: "plan-view: expected --export with"),
      Case(
        command: "plan-view --from 2", status: 64, error: "plan-view: --from, --to and --scale need"
      ),
      Case(
        command: "plan-view --export a.svg --from 3 --to 2", status: 64,
        error: "plan-view: expected --from no later than --to"),
      Case(
        command: "plan-view --export a.svg --to 0", status: 64,
        error: "plan-view: expected --to 1 to 1000000, found 0"),
      Case(
        command: "plan-view --export a.svg --scale 2", status: 64,
        error: "plan-view: --scale needs a .png file"),
      Case(
        command: "plan-view --export a.png --scale 9", status: 64,
        error: "plan-view: expected --scale 0.25 to 8, found 9.0"),
      Case(
        command: "plan-view --export a.svg --from 40 < session", status: 64,
        error: "plan-view: no bar 40: the session has 24"),
      Case(
        command: "plan-view --export a.svg < /dev/null", status: 65,
        error: "plan-view: nothing to draw: nothing was played"),
      Case(
        command: "grep -v note session | grep -v plan | plan-view --export a.svg", status: 65,
        error: "plan-view: nothing to draw: nothing was played"),
      Case(
        command: "(cat session; echo 1) | plan-view --export a.svg", status: 65,
        error: "plan-view: <stdin>:"),
      Case(
        command: "mkdir lib; : > lib/librsvg-2.so.2; LD_LIBRARY_PATH=lib plan-view --export a.png",
        status: 69, error: "plan-view: cannot load librsvg, which draws PNG: "),
      Case(
        command: "plan-view --export none/a.svg", status: 74,
        error: "plan-view: cannot write none/a.svg: No such file or directory"),
      Case(
        command: "plan-view --export /dev/full < session; s=$?; ln -s /dev/full a.svg; "
          + "test $s = 64 && plan-view --export a.svg < session", status: 74,
        error: "plan-view: expected --export with"),
    ]) func endsWithTheDocumentedStatus(wanted: Case) throws
  {
    let outcome = try Self.look(wanted.command + "; s=$?; ls -A | grep -F a. >&2; exit $s")
    #expect(outcome.status == wanted.status)
    #expect(outcome.error.hasPrefix(wanted.error), "\(outcome.error)")
    // There is neither a picture nor a part of one.
    #expect(outcome.error.split(separator: "\n").last != "a.png")
    #expect(!outcome.error.contains("\n.a"), "\(outcome.error)")
  }

  @Test("refuses wrong options before it reads")
  func complainsBeforeItReads() throws {
    let outcome = try Self.look("{ plan-view --export a.gif; cat; } < session | cmp - session")
    #expect(outcome.status == 0, "\(outcome.error)\(outcome.text)")
  }

  @Test("draws the picture so far at a signal", arguments: ["INT", "TERM", "HUP"])
  func aSignalEndsThePicture(name: String) throws {
    // Waits until the viewer has read all that is in the pipe.
    let outcome = try Self.look(
      """
      mkfifo pipe
      env --default-signal=\(name) plan-view --export a.svg < pipe & viewer=$!
      exec 3> pipe; head -n 600 session >&3; cat session >/dev/null
      while test $(python3 -c 'import fcntl, struct, termios
      print(struct.unpack("i", fcntl.ioctl(3, termios.FIONREAD, bytes(4)))[0])') != 0; do :; done
      kill -\(name) $viewer; wait $viewer; echo $?
      """,
      """
      root = ET.parse('a.svg').getroot()
      assert len(classed(root, 'number')) >= 8
      """)
    #expect(outcome.text == "0\n")
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  /// Under tee(1), a viewer that ended early would end the music too.
  @Test("reads on after bad data")
  func readsOnAfterBadData() throws {
    let outcome = try Self.look(
      "(head -20 session; echo bad; cat session; echo written > mark) | plan-view --export a.svg; "
        + "echo $?; cat mark", frames: 2000)
    #expect(outcome.lines == ["65", "written"])
  }

  @Test("draws a long session in bounded memory")
  func aLongSessionEndsInBoundedMemory() throws {
    let outcome = try Self.look(
      #"""
      awk 'NR == 1 { print
           for (i = 0; i < 28800; i++) {
             printf "{\"t\":%d,\"type\":\"tick\",\"frame\":%d}\n", i * 125000, i
             printf "{\"t\":%d,\"type\":\"plan\",\"frame\":%d,\"rev\":%d,\"commit\":%d,\"until\":%d,"\
               "\"chords\":[{\"from\":%d,\"to\":%d,\"chord\":\"%s\"}],\"melody\":[]}\n",
               i * 125000, i, i + 1, i + 4, i + 16, i, i + 16, substr("CDEFGAB", int(i / 10) % 7 + 1, 1)
             if (i % 4 == 0) printf \
               "{\"t\":%d,\"type\":\"note_on\",\"ch\":1,\"note\":60,\"vel\":80}\n", i * 125000
           }
           print "{\"t\":9000000000,\"type\":\"end\",\"reason\":\"eof\"}" }' session | (ulimit -d 49152; plan-view --export a.svg)
      """#,
      """
      root = ET.parse('a.svg').getroot()
      assert len(classed(root, 'number')) == 256
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.error == "plan-view: the picture ends with bar 256 of 1800, because it has grown too "
        + "large: choose other bars with --from and --to\n")
  }
}
