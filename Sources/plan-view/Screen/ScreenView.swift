import Music
import Records

/// The state drawn on a terminal, in the style that is wanted at the time.
struct ScreenView: View {
  var options: ViewOptions
  /// Columns and rows: people change the size of their terminals.
  let size: () -> (columns: Int, rows: Int)
  private var screen: ChordScreen
  private var line: LineView
  private var painter: CellPainter
  private var state = ViewState()
  private var clock = StreamPosition()
  private var frame = WaterfallFrame()
  /// The lines of the chords style that stand above the cursor.
  private var drawn: [String] = []
  /// The waterfall has a screen of its own, which leaves what was there before as it was.
  private var isOnOwnScreen = false

  init(
    screen: ChordScreen, width: Int? = nil, painter: CellPainter = CellPainter(),
    size: @escaping () -> (columns: Int, rows: Int)
  ) {
    self.screen = screen
    self.size = size
    self.painter = painter
    options = screen.options
    line = LineView(
      text: DisplayText(isASCII: screen.glyphs.isASCII), width: width, options: options)
  }

  mutating func receive(_ record: Record) -> String {
    state.receive(record)
    if case .set(let name, let value) = record.event { options.receive(name: name, value: value) }
    line.options = options
    let text = line.receive(record)
    return options.style == .line ? leaveOwnScreen() + text : ""
  }

  var isMoving: Bool { isOnOwnScreen && clock.isMoving }

  mutating func draw(at now: Microseconds) -> String {
    let (columns, rows) = size()
    switch shown(columns, rows) {
    case .waterfall:
      let position = clock.position(state, at: now, offset: options.offset)
      let grid = frame.drawn(
        state, options, at: position, isASCII: screen.glyphs.isASCII, columns: columns, rows: rows)
      return enterOwnScreen() + painter.paint(grid)
    case .chords: return leaveOwnScreen() + chords(columns, rows)
    case .line:
      // Lines follow the drawing.
      drawn = []
      return leaveOwnScreen()
    }
  }

  /// What the options ask for, and the size allows.
  private func shown(_ columns: Int, _ rows: Int) -> ViewOptions.Style {
    let style = options.style ?? .waterfall
    let hasRoom = columns >= Waterfall.least.columns && rows >= Waterfall.least.rows
    return style == .waterfall && !hasRoom ? .chords : style
  }

  private mutating func chords(_ columns: Int, _ rows: Int) -> String {
    screen.options = options
    // The cursor stands on the line below the drawing, which takes a row too.
    let lines = Array(screen.lines(state, columns: columns).prefix(max(1, rows - 1)))
    guard lines != drawn else { return "" }
    // The cursor is hidden while it moves only, so there is nothing to restore, however the viewer
    // ends.
    var text = "\u{1B}[?25l\r"
    if !drawn.isEmpty { text += "\u{1B}[\(drawn.count)A" }
    for line in lines { text += line + "\u{1B}[K\n" }
    drawn = lines
    return text + "\u{1B}[J\u{1B}[?25h"
  }

  /// The last state stays on the terminal, in lines.
  mutating func finish() -> String {
    if options.style == .line { return leaveOwnScreen() + line.finish() }
    let (columns, rows) = size()
    return leaveOwnScreen() + chords(columns, rows)
  }

  // MARK: A screen of its own

  private mutating func enterOwnScreen() -> String {
    guard !isOnOwnScreen else { return "" }
    isOnOwnScreen = true
    painter.forget()
    return "\u{1B}[?1049h\u{1B}[?25l"
  }

  private mutating func leaveOwnScreen() -> String {
    guard isOnOwnScreen else { return "" }
    isOnOwnScreen = false
    return "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"
  }

  /// Gives the terminal back for a while: the next drawing begins anew.
  mutating func suspend() -> String {
    drawn = []
    return leaveOwnScreen()
  }

  /// Others may have drawn on the terminal.
  mutating func forget() { painter.forget() }
}
