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

/// Runs a command and then Python that may use the functions above, in a folder with Examples and
/// `session`, a session of 24 bars.
private func look(
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
private func session(frames: Int) -> String {
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
    for (type, note) in [("note_off", (tick - 4) / 4 % 24 + 55), ("note_on", tick / 4 % 24 + 55)] {
      text += #"{"t":\#(time),"type":"\#(type)","ch":1,"note":\#(note),"vel":80}"# + "\n"
    }
  }
  return text
}

@Suite struct ExportCommandTests {
  @Test(
    "draws each note and each committed chord once, in its place", arguments: ["session", "tune"])
  func showsWhatWasPlayed(name: String) throws {
    let outcome = try look(
      (name == "tune"
        ? "midi-in --input Examples/greensleeves.mid --pace fast --to 10 | jam-agent > session; "
        : "") + "plan-view --export picture.svg < session",
      """
      root, records = ET.parse('picture.svg').getroot(), session('session')
      meter = [int(n) for n in records[0]['meter'].split('/')]
      bar = meter[0] * 16 // meter[1]
      ticks = {r['frame']: r['t'] for r in records if r['type'] == 'tick'}
      notes = [r for r in records if r['type'] == 'note_on']
      rects = classed(root, 'note')
      assert len(rects) == len(notes) > 0, (len(rects), len(notes))
      width = 908 / (8 * bar)
      for rect, note in zip(rects, notes):
          frame = max(f for f, t in ticks.items() if t <= note['t'])
          assert abs(float(rect.get('x')) - 78 - frame % (8 * bar) * width) < 0.02

      # For each frame, the chord that was committed when it began, and the chord's onset.
      committed, plans = {}, [r for r in records if r['type'] == 'plan']
      for plan in plans:
          for chord in plan['chords']:
              for frame in range(max(chord['from'], plan['frame']), min(chord['to'], plan['commit'])):
                  committed.setdefault(frame, (chord['chord'], chord['from']))
      chords = []
      for frame in sorted(committed):
          symbol, onset = committed[frame]
          if frame > max(ticks): break
          if not chords or chords[-1][0] != symbol or onset == frame: chords.append([symbol, frame, 0])
          chords[-1][2] += 1
      shown = classed(root, 'chord')[:-1]     # The last is the legend's.
      assert len(shown) == len(chords) > 0, (len(shown), len(chords))
      for rect, (symbol, frame, length) in zip(shown, chords):
          name = 'N.C.' if symbol == 'N' else symbol
          beat = f'{1 + frame % bar * meter[1] / 16:g}'
          assert title(rect).startswith(f'{name}, {frame // bar + 1}:{beat}, {length / 4:g} beats;')
          assert abs(float(rect.get('x')) - 78 - frame % (8 * bar) * width) < 0.02
          shown_width = min(length, 8 * bar - frame % (8 * bar)) * width
          assert abs(float(rect.get('width')) - shown_width) < 0.02

      # Changes of the plan, counted frame by frame.
      changes, frames = 0, 0
      for frame in ticks:
          planned = [c['chord'] for p in plans if p['frame'] <= frame for c in p['chords']
                  if c['from'] <= frame < c['to']]
          frames += bool(planned)
          changes += sum(a != b for a, b in zip(planned, planned[1:]))
      figures = classed(root, 'figures')[0].text
      assert figures.startswith(f'{len(plans)} plans, '), figures
      assert f' {round(changes / frames, 2):g} changes per frame' in figures, figures
      assert changes > 0
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  @Test("draws the wanted bars only")
  func anExcerptIsThePictureOfItsBars() throws {
    let outcome = try look(
      "plan-view --export picture.svg --from 3 --to 12 < session",
      """
      root = ET.parse('picture.svg').getroot()
      numbers = [int(e.text) for e in classed(root, 'number')]
      assert numbers == list(range(3, 13)), numbers
      assert len(classed(root, 'note')) == 40
      assert classed(root, 'figures')[0].text.startswith('160 plans, ')
      assert root.find(NS + 'desc').text.startswith('Bars 3 to 12.')
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  /// Text that XML does not allow, and text that would end an element.
  @Test("draws names of the stream as text")
  func namesAreText() throws {
    let outcome = try look(
      #"""
      jq -c '(select(.type == "header").source) = "</text><script>\u0000\u001b[2J&amp;\"\u0027\ud834\udd1e"
             | (select(.type == "plan").chords[].chord) |= sub("Am7"; "<b>&")' session > hostile
      plan-view --export picture.svg < hostile && plan-view --export picture.png --to 2 < hostile
      """#,
      """
      names = json.loads(open('hostile').readline())['source']
      assert '\\x00' in names and '<script>' in names, names
      root = ET.parse('picture.svg').getroot()
      shown = classed(root, 'title')[0].text
      assert shown == names.replace('\\x00', '?').replace('\\x1b', '?'), (shown, names)
      assert any(e.text == '<b>&' for e in classed(root, 'name'))
      assert not [e for e in root.iter() if 'script' in e.tag or e.tag == NS + 'b']
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  @Test("draws a PNG with the pixels of the SVG")
  func thePNGIsTheSVGInPixels() throws {
    let outcome = try look(
      """
      plan-view --export a.svg --to 2 < session
      plan-view --export a.png --to 2 --scale 1 < session
      plan-view --export b.png --from 3 --to 4 --scale 1 < session
      plan-view --export c.png --to 2 --scale 1.5 < session
      plan-view --export big.PNG --to 2 < session
      """,
      """
      size = [float(n) for n in ET.parse('a.svg').getroot().get('viewBox').split()[2:]]
      width, height, a = pixels('a.png')
      assert width == 1000 and 0 <= height - size[1] < 1
      assert pixels('b.png')[:2] == (width, height)
      data = open('big.PNG', 'rb').read()
      wide, high = struct.unpack('>II', data[16:24])
      assert wide == 2000 and 0 <= high - 2 * size[1] < 1
      c = pixels('c.png')[2]
      row = [e for e in ET.parse('a.svg').getroot() if e.get('transform')][0]
      top = float(row.get('transform').split()[1].rstrip(')'))
      for name, colour in ('note', '1a1a1a'), ('chord', '8fc6ea'):
          for rect in classed(row, name):
              x, y, w, h = (float(rect.get(k)) for k in ('x', 'y', 'width', 'height'))
              x, y = x + min(w, 20) / 4, top + y + h / 2
              for rows, scale in (a, 1), (c, 1.5):
                  i = 3 * int(x * scale)
                  assert rows[int(y * scale)][i:i + 3] == bytes.fromhex(colour), (name, x, y)
      colours = {row[i:i + 3] for row in a for i in range(0, len(row), 3)}
      for colour in ('ffffff', '1a1a1a', '8fc6ea', 'd9ecf8', 'd55e00'):
          assert bytes.fromhex(colour) in colours, colour
      dark = sum(row[i:i + 3] == bytes.fromhex('1a1a1a') for row in a for i in range(0, len(row), 3))
      assert 1000 < dark < width * height / 8, dark
      b = pixels('b.png')[2]
      differing = [y for y in range(height) if a[y] != b[y]]
      assert len(differing) > 40
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  @Test("writes the same bytes for the same records")
  func theSameRecordsMakeTheSameBytes() throws {
    let outcome = try look(
      """
      for name in svg png; do
        plan-view --export a.$name --to 3 < session && plan-view --export b.$name --to 3 < session &&
          cmp a.$name b.$name || exit
      done
      """)
    #expect(outcome.status == 0, "\(outcome.error)\(outcome.text)")
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
    let outcome = try look(wanted.command + "; s=$?; ls -A | grep -F a. >&2; exit $s")
    #expect(outcome.status == wanted.status)
    #expect(outcome.error.hasPrefix(wanted.error), "\(outcome.error)")
    // There is neither a picture nor a part of one.
    #expect(outcome.error.split(separator: "\n").last != "a.png")
    #expect(!outcome.error.contains("\n.a"), "\(outcome.error)")
  }

  @Test("refuses wrong options before it reads")
  func complainsBeforeItReads() throws {
    let outcome = try look("{ plan-view --export a.gif; cat; } < session | cmp - session")
    #expect(outcome.status == 0, "\(outcome.error)\(outcome.text)")
  }

  @Test("draws the picture so far at a signal", arguments: ["INT", "TERM", "HUP"])
  func aSignalEndsThePicture(name: String) throws {
    // Waits until the viewer has read all that is in the pipe.
    let outcome = try look(
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
    let outcome = try look(
      "(head -20 session; echo bad; cat session; echo written > mark) | plan-view --export a.svg; "
        + "echo $?; cat mark", frames: 2000)
    #expect(outcome.lines == ["65", "written"])
  }

  @Test("draws a long session in bounded memory")
  func aLongSessionEndsInBoundedMemory() throws {
    let outcome = try look(
      #"""
      awk 'NR == 1 { print
           for (i = 0; i < 28800; i++) {
             printf "{\"t\":%d,\"type\":\"tick\",\"frame\":%d}\n", i * 125000, i
             printf "{\"t\":%d,\"type\":\"plan\",\"frame\":%d,\"rev\":%d,\"commit\":%d,\"until\":%d,"\
               "\"chords\":[{\"from\":%d,\"to\":%d,\"chord\":\"%s\"}],\"melody\":[]}\n",
               i * 125000, i, i + 1, i + 4, i + 16, i, i + 16, substr("CDEFGAB", int(i / 10) % 7 + 1, 1)
             if (i % 4 == 0) printf \
               "{\"t\":%d,\"type\":\"note_on\",\"ch\":1,\"note\":60,\"vel\":80}\n", i * 125000
           } }' session | (ulimit -d 49152; plan-view --export a.svg)
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
