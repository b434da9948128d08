import Chords
import Music
import Records
import Timeline

/// Draws the session as a piano roll that falls onto a keyboard. Above it stand, in large letters,
/// the chord that sounds and the next ones.
struct Waterfall {
  let scene: Scene
  let text: DisplayText
  /// Where the music is, in frames; nil before the first tick.
  let position: Double?
  let isASCII: Bool
  /// The keys in sight.
  let window: KeyboardWindow
  /// How many frames the roll shows.
  let span: Double

  init(
    _ scene: Scene, at position: Double?, isASCII: Bool, window: KeyboardWindow, span: Double
  ) {
    self.scene = scene
    text = DisplayText(isASCII: isASCII)
    self.position = position
    self.isASCII = isASCII
    self.window = window
    self.span = span
  }

  var state: SessionState { scene.state }
  var options: ViewOptions { scene.options }
  var glyphs: Glyphs { isASCII ? .ascii : .unicode }
  var roll: RollGlyphs { RollGlyphs(isASCII: isASCII) }
  var frame: Frame? { position.map { Frame(Int($0.rounded(.down))) } }

  /// The columns left of the keyboard, for the names of chords.
  static let margin = 8
  /// The smallest terminal that it fits on.
  static let least = (columns: 80, rows: 20)

  /// The rows of the parts. From the top: a line of time, large chords, their places, the roll, the
  /// keyboard, the notes played last, a line of settings.
  struct Layout {
    let letters: Range<Int>
    let scale: Int
    let roll: Range<Int>
    let keyboard: Range<Int>
    let past: Range<Int>

    init(columns: Int, rows: Int) {
      scale = max(1, min(columns / 66, rows / 20))
      letters = 1..<1 + (BigLetters.height * scale + 1) / 2
      let pastRows = rows / 8
      keyboard = rows - 1 - pastRows - 2..<rows - 1 - pastRows
      roll = letters.upperBound + 1..<keyboard.lowerBound
      past = keyboard.upperBound..<rows - 1
    }
  }

  func drawn(columns: Int, rows: Int) -> CellGrid {
    var grid = CellGrid(columns: columns, rows: rows)
    let layout = Layout(columns: columns, rows: rows)
    drawHead(&grid)
    drawChords(&grid, layout)
    drawLanes(&grid, layout)
    if let position = rollPosition(layout) {
      drawLines(&grid, layout, position)
      drawPlan(&grid, layout, position)
      drawPast(&grid, layout, position)
    }
    drawKeyboard(&grid, layout)
    drawFoot(&grid)
    if options.isHelpShown { drawHelp(&grid, layout) }
    return grid
  }

  // MARK: Lines of text

  private func drawHead(_ grid: inout CellGrid) {
    guard let timeline = state.timeline else {
      grid.write("waiting for a stream", 0, 0)
      return
    }
    let frame = self.frame ?? Frame(0)
    let meter = timeline.meter(at: frame)
    var column = grid.write(self.frame.map(state.beat) ?? "-:-", 0, 0, .plain, isBold: true) + 2
    if let beat = self.frame.flatMap(state.beatNumber), meter.beatCount <= 16 {
      for number in 0..<meter.beatCount {
        let isNow = number == beat
        let sign = isNow ? glyphs.beat : glyphs.otherBeat
        column = grid.write(sign, 0, column, isNow ? .beat : .faint, isBold: isNow) + 1
      }
      column += 1
    }
    let tempo = decimal(timeline.beatsPerMinute(at: frame), places: 1)
    var parts = ["\(tempo) beats/min", meter.text]
    if let key = scene.key { parts.append(key.transposed(by: options.transposition).name) }
    if options.transposition != 0 { parts.append("transposed \(signed(options.transposition))") }
    if options.offset != 0 { parts.append("\(signed(options.offset)) ms") }
    if !state.settings.isPlaying { parts.append("paused") }
    if state.hasEnded { parts.append("ended") }
    if let source = state.header?.source, !source.isEmpty {
      parts.append(text.shown(source, columns: 40))
    }
    for part in parts where column + columnCount(part) <= grid.columns {
      column = grid.write(part, 0, column, .faint) + 2
    }
  }

  private func signed(_ value: Int) -> String { value > 0 ? "+\(value)" : "\(value)" }

  private func drawFoot(_ grid: inout CellGrid) {
    let row = grid.rows - 1
    var column = 0
    var complaints = state.health.complaints.map { "\($0.count) \($0.name)" }
    if !state.hasEnded, let age = state.planAge, age > 1 {
      complaints.insert("plan \(age) frames old", at: 0)
    }
    let hint = options.isHelpShown ? "" : "? keys"
    let end = grid.columns - hint.count - 1
    for part in complaints where column + part.count <= end {
      column = grid.write(part, row, column, .alarm, isBold: true) + 2
    }
    // The changed ones first, and brighter.
    let settings = state.settings
    let shown =
      settings.changed.map { ($0, Role.plain) } + settings.unchanged.map { ($0, .faint) }
    for (setting, role) in shown {
      let part = text.shown(setting.name, columns: 20) + " " + value(setting.value)
      guard column + columnCount(part) <= end else { break }
      column = grid.write(part, row, column, role) + 2
    }
    grid.write(hint, row, grid.columns - hint.count, .faint)
  }

  private func value(_ value: SettingValue) -> String {
    switch value {
    case .number(let number):
      Int64(exactly: number).map(String.init)
        ?? (number.magnitude < 1e6 ? decimal(number, places: 2) : "\(number)")
    case .text(let name): text.shown(name, columns: 20)
    case .flag(let flag): flag ? "on" : "off"
    }
  }

  private func drawHelp(_ grid: inout CellGrid, _ layout: Layout) {
    let top = layout.roll.lowerBound
    for (index, line) in ViewOptions.help.enumerated() where top + index < grid.rows {
      let row = top + index
      for column in 0..<min(44, grid.columns) { grid[row, column] = Cell() }
      grid.write(line.0, row, 1, .plain, isBold: true)
      grid.write(line.1, row, 9, .plain)
    }
  }

  // MARK: Chords

  private struct Slot {
    var label: String
    var chord: SessionState.ShownChord?
  }

  /// The chord that sounds and the next ones. A chord that begins again is not repeated.
  private var slots: [Slot] {
    let count = options.next ?? 2
    guard let frame else { return [Slot(label: "now")] }
    let now = state.chord(at: frame)
    var slots = [Slot(label: "now", chord: now)]
    var last = now?.chord.symbol ?? ""
    for next in state.chords(after: frame) where !ChordSymbol.areSame(next.chord.symbol, last) {
      guard slots.count <= count else { break }
      last = next.chord.symbol
      slots.append(Slot(label: slots.count == 1 ? "next" : "then", chord: next))
    }
    while slots.count <= count { slots.append(Slot(label: slots.count == 1 ? "next" : "then")) }
    return slots
  }

  private func drawChords(_ grid: inout CellGrid, _ layout: Layout) {
    let slots = slots
    // The chord that sounds has a third more room than each of the others.
    let unit = Double(grid.columns) / (Double(slots.count) + 0.3)
    for (index, slot) in slots.enumerated() {
      let start = index == 0 ? 0 : Int(unit * (Double(index) + 0.3))
      let end = index + 1 < slots.count ? Int(unit * (Double(index) + 1.3)) - 2 : grid.columns
      let role: Role = slot.chord.map { $0.isCommitted ? .committed : .tentative } ?? .faint
      drawLetters(&grid, layout, slot, start..<max(start, end), role)
      drawPlace(&grid, layout.letters.upperBound, slot, start, end, role)
    }
  }

  private func drawLetters(
    _ grid: inout CellGrid, _ layout: Layout, _ slot: Slot, _ columns: Range<Int>, _ role: Role
  ) {
    guard let chord = slot.chord else {
      grid.write(glyphs.nothing, layout.letters.upperBound - 2, columns.lowerBound, .faint)
      return
    }
    let name = scene.name(of: chord, text)
    let sizes = (1...layout.scale).reversed().map { (false, $0) } + [(true, 1)]
    for (isSmall, scale) in sizes {
      guard let dots = BigLetters.dots(name, isSmall: isSmall),
        dots[0].count * scale <= columns.count
      else { continue }
      draw(
        BigLetters.scaled(dots, by: scale), &grid, layout.letters, columns.lowerBound, role)
      return
    }
    grid.write(
      name, layout.letters.upperBound - 2, columns.lowerBound, role, isBold: true,
      to: columns.upperBound)
  }

  /// Draws two rows of dots in each row of the terminal; the last rows stand at the foot.
  private func draw(
    _ dots: BigLetters.Dots, _ grid: inout CellGrid, _ rows: Range<Int>, _ column: Int, _ role: Role
  ) {
    let top = rows.upperBound - (dots.count + 1) / 2
    for (row, line) in dots.enumerated() where row.isMultiple(of: 2) {
      for (place, upper) in line.enumerated() {
        let lower = row + 1 < dots.count && dots[row + 1][place]
        let sign = roll.dots[(upper ? 1 : 0) + (lower ? 2 : 0)]
        if sign != " " { grid.put(sign, top + row / 2, column + place, role, isBold: true) }
      }
    }
  }

  /// Writes the line below a chord: `next ■ 3:3 in 2 beats`.
  private func drawPlace(
    _ grid: inout CellGrid, _ row: Int, _ slot: Slot, _ start: Int, _ end: Int, _ role: Role
  ) {
    var column = grid.write(slot.label, row, start, .faint, to: end) + 1
    guard let chord = slot.chord else { return }
    let sign = chord.isCommitted ? glyphs.committed : glyphs.tentative
    column = grid.write(sign, row, column, role, to: end) + 1
    guard slot.label != "now", let position, let timeline = state.timeline else { return }
    column = grid.write(state.place(of: chord.chord.from), row, column, .plain, to: end) + 1
    let now = Frame(Int(position.rounded(.down)))
    let beats = timeline.beats(from: now, to: chord.chord.from)
    let phrases = [beats == 1 ? "in 1 beat" : "in \(beats) beats", "in \(beats)"]
    if let phrase = phrases.first(where: { column + $0.count <= end }) {
      grid.write(phrase, row, column, .faint)
    }
  }
}
