import Music
import Records

/// Draws the session on a terminal, in the style that the options ask for at the time.
struct ScreenView: View {
  /// The terminal's columns and rows, which may change at any time.
  let size: () -> (columns: Int, rows: Int)
  private let screen: ChordScreen
  private var line: LineView
  private var painter: CellPainter
  private var clock = StreamPosition()
  private var frame = WaterfallFrame()
  /// The lines of the chords style that stand above the cursor.
  private var drawn: [String] = []
  /// Whether the terminal shows its alternate screen, which the waterfall is drawn on. What was on
  /// the terminal before comes back when the view leaves it.
  private var isOnAlternateScreen = false

  init(
    screen: ChordScreen, width: Int? = nil, painter: CellPainter = CellPainter(),
    size: @escaping () -> (columns: Int, rows: Int)
  ) {
    self.screen = screen
    self.size = size
    self.painter = painter
    line = LineView(text: DisplayText(isASCII: screen.glyphs.isASCII), width: width)
  }

  mutating func willReceive(_ record: Record, _ scene: Scene) -> String {
    written(line.willReceive(record, scene), scene)
  }

  mutating func didReceive(_ record: Record, _ scene: Scene) -> String {
    written(line.didReceive(record, scene), scene)
  }

  private mutating func written(_ lines: String, _ scene: Scene) -> String {
    scene.options.style == .line ? leaveAlternateScreen() + lines : ""
  }

  var isMoving: Bool { isOnAlternateScreen && clock.isMoving }

  mutating func draw(_ scene: Scene, at now: Microseconds) -> String {
    let (columns, rows) = size()
    switch style(scene, columns, rows) {
    case .waterfall:
      let position = clock.position(scene.state, at: now, offset: scene.options.offset)
      let grid = frame.drawn(
        scene, at: position, isASCII: screen.glyphs.isASCII, columns: columns, rows: rows)
      return enterAlternateScreen() + painter.paint(grid)
    case .chords: return leaveAlternateScreen() + chords(scene, columns, rows)
    case .line:
      // The next lines stand below the drawing.
      drawn = []
      return leaveAlternateScreen()
    }
  }

  /// The style that the options ask for, or the chords style where the waterfall has no room.
  private func style(_ scene: Scene, _ columns: Int, _ rows: Int) -> ViewOptions.Style {
    let style = scene.options.style ?? .waterfall
    let hasRoom = columns >= Waterfall.least.columns && rows >= Waterfall.least.rows
    return style == .waterfall && !hasRoom ? .chords : style
  }

  private mutating func chords(_ scene: Scene, _ columns: Int, _ rows: Int) -> String {
    // The cursor stands on the line below the drawing, which takes a row too.
    let lines = Array(screen.lines(scene, columns: columns).prefix(max(1, rows - 1)))
    guard lines != drawn else { return "" }
    // Each drawing hides the cursor and shows it again, so there is nothing to restore however the
    // tool ends.
    var text = "\u{1B}[?25l\r"
    if !drawn.isEmpty { text += "\u{1B}[\(drawn.count)A" }
    for line in lines { text += line + "\u{1B}[K\n" }
    drawn = lines
    return text + "\u{1B}[J\u{1B}[?25h"
  }

  /// The last state stays on the terminal, in lines.
  mutating func finish(_ scene: Scene) -> String {
    if scene.options.style == .line { return leaveAlternateScreen() + line.finish(scene) }
    let (columns, rows) = size()
    return leaveAlternateScreen() + chords(scene, columns, rows)
  }

  // MARK: The alternate screen

  private mutating func enterAlternateScreen() -> String {
    guard !isOnAlternateScreen else { return "" }
    isOnAlternateScreen = true
    painter.forget()
    return "\u{1B}[?1049h\u{1B}[?25l"
  }

  private mutating func leaveAlternateScreen() -> String {
    guard isOnAlternateScreen else { return "" }
    isOnAlternateScreen = false
    return "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"
  }

  /// Gives the terminal back for a while. The next drawing starts from an empty screen.
  mutating func suspend() -> String {
    drawn = []
    return leaveAlternateScreen()
  }

  /// Sends the next drawing whole, because another program may have drawn on the terminal.
  mutating func forget() { painter.forget() }
}
