/// What one cell of the terminal shows.
struct Cell: Hashable {
  enum Ground: UInt8, CaseIterable {
    case screen, lane, whiteKey, blackKey
  }

  var scalar: Unicode.Scalar = " "
  var role = Role.plain
  var ground = Ground.screen
  var isBold = false
}

/// A drawing in rows of cells. What lies beyond its edges is cut off.
struct CellGrid: Hashable {
  let columns: Int
  let rows: Int
  private(set) var cells: [Cell]

  init(columns: Int, rows: Int) {
    self.columns = max(1, columns)
    self.rows = max(1, rows)
    cells = Array(repeating: Cell(), count: self.columns * self.rows)
  }

  subscript(row: Int, column: Int) -> Cell {
    get { cells[row * columns + column] }
    set {
      guard 0..<rows ~= row, 0..<columns ~= column else { return }
      cells[row * columns + column] = newValue
    }
  }

  /// Replaces a cell's character and keeps its ground.
  mutating func put(
    _ scalar: Unicode.Scalar, _ row: Int, _ column: Int, _ role: Role, isBold: Bool = false
  ) {
    guard 0..<rows ~= row, 0..<columns ~= column else { return }
    let index = row * columns + column
    cells[index].scalar = scalar
    cells[index].role = role
    cells[index].isBold = isBold
  }

  /// Writes text that is safe to show, and gives the column after it. As each cell holds one
  /// column, characters without width are left out and wide ones replaced.
  @discardableResult
  mutating func write(
    _ text: String, _ row: Int, _ column: Int, _ role: Role = .plain, isBold: Bool = false,
    to end: Int? = nil
  ) -> Int {
    var column = column
    for scalar in text.unicodeScalars {
      let width = columnCount(scalar)
      guard width > 0 else { continue }
      guard column + width <= min(end ?? columns, columns) else { break }
      if width == 1 {
        put(scalar, row, column, role, isBold: isBold)
      } else {
        for place in column..<column + width { put("?", row, place, role, isBold: isBold) }
      }
      column += width
    }
    return column
  }

  mutating func fill(_ rows: Range<Int>, _ columns: Range<Int>, ground: Cell.Ground) {
    for row in rows { for column in columns { self[row, column].ground = ground } }
  }

  /// The rows as plain text, without the blanks at their ends.
  var lines: [String] {
    (0..<rows).map { row in
      var scalars = String.UnicodeScalarView()
      for column in 0..<columns { scalars.append(self[row, column].scalar) }
      while scalars.last == " " { scalars.removeLast() }
      return String(scalars)
    }
  }
}

/// Turns drawings into the bytes for a terminal. Only the cells that differ from the drawing before
/// are sent.
struct CellPainter {
  let depth: ColorDepth
  /// Whether each drawing is enclosed in the marks of synchronised output (DEC private mode 2026),
  /// so that the terminal shows it at once. Terminals that do not know the marks ignore them.
  let isSynchronized: Bool
  private var painted: CellGrid?
  /// The SGR parameters of roles and grounds, in the order of their cases.
  private let foregrounds: [String]
  private let backgrounds: [String]

  init(depth: ColorDepth = .none, isSynchronized: Bool = false) {
    self.depth = depth
    self.isSynchronized = isSynchronized
    foregrounds = Role.allCases.map { depth.parameter(38, Palette.color($0)) }
    backgrounds = Cell.Ground.allCases.map { depth.parameter(48, Palette.color(of: $0)) }
  }

  /// Sends the next drawing whole, because the terminal may show something else now.
  mutating func forget() { painted = nil }

  /// The bytes that draw the grid; empty where nothing changed.
  mutating func paint(_ grid: CellGrid) -> String {
    guard grid != painted else { return "" }
    var text = ""
    var style: Cell?
    var before = painted
    if before?.columns != grid.columns || before?.rows != grid.rows {
      before = nil
      text += change(&style, to: Cell()) + "\u{1B}[H\u{1B}[2J"
    }
    for row in 0..<grid.rows {
      // The cursor's column, if the cursor is in this row.
      var cursor = -1
      for column in 0..<grid.columns {
        let cell = grid[row, column]
        if let before, before[row, column] == cell { continue }
        if cursor != column { text += "\u{1B}[\(row + 1);\(column + 1)H" }
        text += change(&style, to: cell)
        text.unicodeScalars.append(cell.scalar)
        cursor = column + 1
      }
    }
    painted = grid
    text += depth == .none ? "" : "\u{1B}[0m"
    return isSynchronized ? "\u{1B}[?2026h\(text)\u{1B}[?2026l" : text
  }

  /// The rows as lines of text, each with its own styling.
  func lines(_ grid: CellGrid) -> [String] {
    (0..<grid.rows).map { row in
      var line = ""
      var style: Cell?
      for column in 0..<grid.columns {
        let cell = grid[row, column]
        line += change(&style, to: cell)
        line.unicodeScalars.append(cell.scalar)
      }
      return line + (depth == .none ? "" : "\u{1B}[0m")
    }
  }

  /// The escape sequence between a cell in `style`, nil at the start, and `cell`; it sets `style`
  /// to what the terminal writes in then. For a blank only the ground matters.
  private func change(_ style: inout Cell?, to cell: Cell) -> String {
    guard depth != .none else { return "" }
    var parts: [String] = []
    let isBlank = cell.scalar == " "
    guard let before = style else {
      style = cell
      return "\u{1B}[0\(cell.isBold ? ";1" : "");\(foreground(cell));\(background(cell))m"
    }
    if cell.ground != before.ground { parts.append(background(cell)) }
    if !isBlank {
      if cell.isBold != before.isBold { parts.append(cell.isBold ? "1" : "22") }
      if cell.role != before.role { parts.append(foreground(cell)) }
      style = cell
    } else {
      style?.ground = cell.ground
    }
    return parts.isEmpty ? "" : "\u{1B}[\(parts.joined(separator: ";"))m"
  }

  private func foreground(_ cell: Cell) -> String { foregrounds[Int(cell.role.rawValue)] }

  private func background(_ cell: Cell) -> String { backgrounds[Int(cell.ground.rawValue)] }
}
