import Records

/// Makes the bytes to write of the records that come. No view reads a clock: the session asks for a
/// drawing when one is due.
protocol View {
  /// Takes up a record and gives what has to be written for it, whatever follows.
  mutating func receive(_ record: Record) -> String
  /// The drawing of the state, in place of the drawing before; empty where nothing changed.
  mutating func draw() -> String
  /// What is written when the input has ended.
  mutating func finish() -> String
}

/// The state drawn in place on a terminal.
struct ScreenView: View {
  let screen: ChordScreen
  /// Columns and rows: people change the size of their terminals.
  let size: () -> (columns: Int, rows: Int)
  private var state = ViewState()
  private var drawn: [String] = []

  init(screen: ChordScreen, size: @escaping () -> (columns: Int, rows: Int)) {
    self.screen = screen
    self.size = size
  }

  mutating func receive(_ record: Record) -> String {
    state.receive(record)
    return ""
  }

  mutating func draw() -> String {
    let (columns, rows) = size()
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

  mutating func finish() -> String { draw() }
}

/// The last state only: the drawing for an output that nothing can be drawn on in place.
struct SnapshotView: View {
  let screen: ChordScreen
  let columns: Int
  private var state = ViewState()

  init(screen: ChordScreen, columns: Int) {
    self.screen = screen
    self.columns = columns
  }

  mutating func receive(_ record: Record) -> String {
    state.receive(record)
    return ""
  }

  mutating func draw() -> String { "" }

  mutating func finish() -> String {
    screen.lines(state, columns: columns).map { $0 + "\n" }.joined()
  }
}
