import Music
import Records

/// Makes the bytes to write of the records that come. No view reads a clock: the session asks for a
/// drawing when one is due.
protocol View {
  /// Takes up a record and gives what has to be written for it, whatever follows.
  mutating func receive(_ record: Record) -> String
  /// The drawing of the state at a time of CLOCK_MONOTONIC, in place of the drawing before; empty
  /// where nothing changed.
  mutating func draw(at now: Microseconds) -> String
  /// What is written when the input has ended.
  mutating func finish() -> String
  /// Whether the next drawing differs although no record comes.
  var isMoving: Bool { get }
}

/// Of a view that is no drawing in place.
extension View {
  func draw(at now: Microseconds) -> String { "" }
  var isMoving: Bool { false }
}

/// Shows nothing.
struct NoView: View {
  func receive(_ record: Record) -> String { "" }
  func finish() -> String { "" }
}

/// The last state only: the drawing for an output that nothing can be drawn on in place.
struct SnapshotView: View {
  let screen: ChordScreen
  let columns: Int
  private var options: ViewOptions
  private var state = ViewState()

  init(screen: ChordScreen, columns: Int) {
    self.screen = screen
    self.columns = columns
    options = screen.options
  }

  mutating func receive(_ record: Record) -> String {
    if case .set(let name, let value) = record.event { options.receive(name: name, value: value) }
    state.receive(record)
    return ""
  }

  mutating func finish() -> String {
    var screen = screen
    screen.options = options
    guard options.style == .waterfall else {
      return screen.lines(state, columns: columns).map { $0 + "\n" }.joined()
    }
    var frame = WaterfallFrame()
    let position = state.frame.map { Double($0.rawValue) }
    let rows = max(Waterfall.least.rows, columns * 3 / 10)
    let grid = frame.drawn(
      state, options, at: position, isASCII: screen.glyphs.isASCII, columns: columns, rows: rows)
    return grid.lines.map { $0 + "\n" }.joined()
  }
}
