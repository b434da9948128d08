import TestSupport
import Testing

@testable import plan_view

/// A terminal that knows the sequences that `CellPainter` sends.
private struct Screen {
  var cells: [[Character]]
  private var row = 0
  private var column = 0

  init(columns: Int, rows: Int) {
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  mutating func take(_ text: String) {
    var rest = Substring(text)
    while let character = rest.popFirst() {
      guard character == "\u{1B}" else {
        cells[row][column] = character
        column += 1
        continue
      }
      let sequence = rest.prefix { !($0.isASCII && $0.isLetter) }
      rest = rest.dropFirst(sequence.count)
      let numbers = sequence.dropFirst().split(separator: ";").compactMap { Int($0) }
      switch rest.removeFirst() {
      case "H": (row, column) = numbers.count == 2 ? (numbers[0] - 1, numbers[1] - 1) : (0, 0)
      case "J":
        for row in cells.indices { for column in cells[row].indices { cells[row][column] = " " } }
      default: break
      }
    }
  }

  var lines: [String] { cells.map { String($0) } }
}

private func full(_ grid: CellGrid) -> [String] {
  (0..<grid.rows).map { row in
    String((0..<grid.columns).map { Character(grid[row, $0].scalar) })
  }
}

@Suite struct CellGridTests {
  @Test("cuts text off at its edges")
  func writesTextWithinItsEdges() {
    var grid = CellGrid(columns: 8, rows: 2)
    #expect(grid.write("abc", 0, 2) == 5)
    #expect(grid.write("defghi", 1, 5) == 8)
    grid.write("xyz", 0, 5, to: 7)
    grid.put("!", 2, 0, .plain)
    grid.put("!", 0, -1, .plain)
    #expect(grid.lines == ["  abcxy", "     def"])
  }

  /// A wide or combining character would move the next ones off their cells.
  @Test("replaces wide characters and leaves out combining ones")
  func everyCellHoldsOneColumn() {
    var grid = CellGrid(columns: 8, rows: 1)
    grid.write("日e\u{301}x", 0, 0)
    #expect(grid.lines == ["??ex"])
  }

  /// Random changes, of which the painter sends the differences.
  @Test("leaves the terminal with exactly the cells of the grid")
  func theTerminalShowsWhatIsPainted() {
    var generator = SplitMix64(seed: 7)
    for depth in [ColorDepth.none, .indexed256, .trueColor] {
      var painter = CellPainter(depth: depth, isSynchronized: true)
      var grid = CellGrid(columns: 12, rows: 5)
      var screen = Screen(columns: 12, rows: 5)
      for _ in 0..<200 {
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
          grid.put(
            "abc █◆".unicodeScalars.randomElement(using: &generator)!, .random(in: 0..<5),
            .random(in: 0..<12), Role.allCases.randomElement(using: &generator)!)
        }
        screen.take(painter.paint(grid))
        #expect(screen.lines == full(grid))
      }
    }
  }

  @Test("sends only the cells that changed")
  func sendsWhatChangedOnly() {
    var painter = CellPainter()
    var grid = CellGrid(columns: 80, rows: 24)
    _ = painter.paint(grid)
    #expect(painter.paint(grid) == "")
    grid.put("x", 3, 4, .plain)
    #expect(painter.paint(grid) == "\u{1B}[4;5Hx")
    painter.forget()
    #expect(painter.paint(grid).hasPrefix("\u{1B}[H\u{1B}[2J"))
  }

  @Test("encloses a drawing in the marks of synchronised output")
  func marksWhereADrawingBeginsAndEnds() {
    var painter = CellPainter(isSynchronized: true)
    let text = painter.paint(CellGrid(columns: 2, rows: 1))
    #expect(text.hasPrefix("\u{1B}[?2026h") && text.hasSuffix("\u{1B}[?2026l"))
  }

  @Test("sends no styling where colours are off")
  func aPlainDrawingHasNoStyle() {
    var painter = CellPainter()
    var grid = CellGrid(columns: 2, rows: 1)
    grid.put("x", 0, 0, .alarm, isBold: true)
    #expect(!painter.paint(grid).contains("m"))
  }
}
