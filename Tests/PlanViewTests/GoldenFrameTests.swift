import Foundation
import Keys
import Records
import TestSupport
import Testing

@testable import plan_view

/// Compares drawings of the waterfall, cell by cell, with those in Tests/Fixtures/plan-view. When a
/// drawing is meant to change, `RECORD_FRAMES=1 swift test --filter GoldenFrameTests` records them;
/// look at every change.
@Suite struct GoldenFrameTests {
  /// A scene to draw.
  struct Moment: Sendable, CustomTestStringConvertible {
    var name: String
    var records: @Sendable () throws -> [Record]
    var options = ViewOptions()
    /// Parts of a frame since the last tick.
    var lag = 0.0
    var testDescription: String { name }
  }

  struct Size: CustomTestStringConvertible {
    var columns: Int
    var rows: Int
    var testDescription: String { "\(columns)x\(rows)" }
  }

  static let moments = [
    Moment(name: "nothing", records: { [] }),
    // Recorded: midi-in --input Examples/saints.mid --pace fast | jam-agent
    Moment(
      name: "recorded",
      records: {
        try repositoryFile("Tests/Fixtures/plan-view/saints.jsonl").split(separator: "\n").map {
          try Record(parsing: String($0))
        }
      }, lag: 0.4),
    // Everything that can be shown, transposed, in degrees of a key.
    Moment(
      name: "everything",
      records: { try everything() },
      options: ViewOptions(next: 3, notation: .roman, key: MusicalKey("C"), transposition: 2),
      lag: 0.5),
    Moment(
      name: "help", records: { try everything() },
      options: ViewOptions(notation: .nashville, key: MusicalKey("Am"), isHelpShown: true)),
  ]

  static let sizes = [Size(columns: 80, rows: 24), Size(columns: 200, rows: 60)]

  static let cases =
    moments.map { ($0, sizes[0]) } + moments.filter { $0.lag > 0 }.map { ($0, sizes[1]) }

  @Test("draws the waterfall as recorded", arguments: cases)
  func drawsWhatIsKept(moment: Moment, size: Size) throws {
    for isASCII in [false, true] {
      let grid = try drawn(moment, size, isASCII: isASCII)
      let name = "\(moment.name)-\(size.testDescription)-\(isASCII ? "ascii" : "unicode")"
      // The roles and grounds, which decide the colours, are the same for both sets of signs.
      let maps = isASCII ? "" : "\n" + roles(grid) + "\n" + grounds(grid)
      try compare(grid.lines.joined(separator: "\n") + "\n" + maps, name)
    }
  }

  /// The bytes for a terminal of 256 colours, and for one of more.
  @Test("sends a terminal the recorded bytes", arguments: [ColorDepth.indexed256, .trueColor])
  func sendsWhatIsKept(depth: ColorDepth) throws {
    let grid = try drawn(Self.moments[1], Self.sizes[0], isASCII: false)
    let lines = CellPainter(depth: depth).lines(grid).map {
      $0.replacing("\u{1B}", with: "\\e") + "\n"
    }
    try compare(lines.joined(), "recorded-80x24-\(depth)")
  }

  private func drawn(_ moment: Moment, _ size: Size, isASCII: Bool) throws -> CellGrid {
    var scene = Scene()
    for record in try moment.records() { scene.receive(record) }
    scene.options = moment.options
    var frame = WaterfallFrame()
    let position = scene.state.frame.map { Double($0.rawValue) + moment.lag }
    return frame.drawn(
      scene, at: position, isASCII: isASCII, columns: size.columns, rows: size.rows)
  }

  /// A letter for each cell: the role of its character, a capital where it is bold.
  private func roles(_ grid: CellGrid) -> String {
    map(grid) { cell in
      guard cell.scalar != " " else { return " " }
      let letter = Array("pf@ctimn=balk"[...])[Int(cell.role.rawValue)]
      return cell.isBold ? Character(letter.uppercased()) : letter
    }
  }

  private func grounds(_ grid: CellGrid) -> String {
    map(grid) { Array(".:#%")[Int($0.ground.rawValue)] }
  }

  private func map(_ grid: CellGrid, _ sign: (Cell) -> Character) -> String {
    (0..<grid.rows).map { row in
      var line = String((0..<grid.columns).map { sign(grid[row, $0]) })
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  private func compare(_ text: String, _ name: String) throws {
    let path = "Tests/Fixtures/plan-view/\(name).txt"
    if ProcessInfo.processInfo.environment["RECORD_FRAMES"] != nil {
      try Data(text.utf8).write(to: ToolRunner.root.appending(path: path))
    }
    let kept = try repositoryFile(path)
    guard kept != text else { return }
    let lines = zip(
      kept.split(separator: "\n", omittingEmptySubsequences: false),
      text.split(separator: "\n", omittingEmptySubsequences: false))
    let (number, pair) = lines.enumerated().first { $0.element.0 != $0.element.1 } ?? (0, ("", ""))
    Issue.record("\(path):\(number + 1): expected\n\(pair.0)\nfound\n\(pair.1)")
  }
}

/// A session with a little of everything.
private func everything() throws -> [Record] {
  try records(
    [
      header, #"{"type":"settings","temperature":1,"commit":2,"lookahead":4,"model":"tunes"}"#,
      #"{"type":"set","name":"temperature","value":0.8}"#,
      #"{"type":"set","name":"model","value":"ballads"}"#,
      #"{"type":"stat","ticks":40,"missed":3}"#, #"{"type":"stat","dropped":12}"#, tick(28),
      noteOn(60), tick(30), noteOff(60), noteOn(64), noteOn(36), tick(34), noteOff(64), noteOn(67),
      tick(35), noteOn(106), noteOff(106), tick(36), tick(37),
      plan(
        37, commit: 44, until: 60,
        [(32, "Dm7/A"), (40, "G7b9"), (44, "Cmaj7"), (48, "Cmaj7"), (52, "N"), (56, "F#m7b5")],
        melody: [(38, 40, 69), (40, 43, 67), (44, 52, 64), (52, 54, 20)]),
    ].joined(separator: "\n"))
}
