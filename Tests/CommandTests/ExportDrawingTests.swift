import TestSupport
import Testing

/// Checks in Python that the picture has each note once, in its place.
private let checksNotes = """
  root, records = ET.parse('picture.svg').getroot(), session('session')
  meter = [int(n) for n in records[0]['meter'].split('/')]
  bar = meter[0] * 16 // meter[1]
  beat_length = 6 if meter == [6, 8] else 4
  ticks = {r['frame']: r['t'] for r in records if r['type'] == 'tick'}
  notes = [r for r in records if r['type'] == 'note_on']
  rects = classed(root, 'note')
  assert len(rects) == len(notes) > 0, (len(rects), len(notes))
  width = 908 / (8 * bar)
  for rect, note in zip(rects, notes):
      frame = max(f for f, t in ticks.items() if t <= note['t'])
      assert abs(float(rect.get('x')) - 78 - frame % (8 * bar) * width) < 0.02
  """

/// Checks in Python, after `checksNotes`, that the picture has each committed chord once.
private let checksChords = """
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
      beat = f'{round(1 + frame % bar / beat_length, 2):g}'
      assert title(rect).startswith(f'{name}, {frame // bar + 1}:{beat}, {round(length / beat_length, 2):g} beats;')
      assert abs(float(rect.get('x')) - 78 - frame % (8 * bar) * width) < 0.02
      shown_width = min(length, 8 * bar - frame % (8 * bar)) * width
      assert abs(float(rect.get('width')) - shown_width) < 0.02
  """

/// Checks in Python, after `checksChords`, how many changes of the plan the picture tells.
private let checksChanges = """
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
  """

/// What is in the pictures that `plan-view --export` draws.
extension ExportCommandTests {
  @Test(
    "draws each note and each committed chord once, in its place", arguments: ["session", "tune"])
  func showsWhatWasPlayed(name: String) throws {
    let outcome = try Self.look(
      (name == "tune"
        ? "midi-in --input Examples/greensleeves.mid --pace fast --to 10 | jam-agent > session; "
        : "") + "plan-view --export picture.svg < session",
      [checksNotes, checksChords, checksChanges].joined(separator: "\n"))
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  @Test("draws the wanted bars only")
  func anExcerptIsThePictureOfItsBars() throws {
    let outcome = try Self.look(
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
    let outcome = try Self.look(
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
    let outcome = try Self.look(
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
    let outcome = try Self.look(
      """
      for name in svg png; do
        plan-view --export a.$name --to 3 < session && plan-view --export b.$name --to 3 < session &&
          cmp a.$name b.$name || exit
      done
      """)
    #expect(outcome.status == 0, "\(outcome.error)\(outcome.text)")
  }
}
