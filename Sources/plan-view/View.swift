import Music
import Records

/// Turns the session into the bytes to write. The scene has the session's state. A view keeps only
/// what the scene lacks, such as what it has written or the past that a picture shows. No view
/// reads a clock: `draw` is given the time.
protocol View {
  /// The text to write for a record, before the scene has received the record.
  mutating func willReceive(_ record: Record, _ scene: Scene) -> String
  /// The text to write for a record, after the scene has received it.
  mutating func didReceive(_ record: Record, _ scene: Scene) -> String
  /// The bytes that replace the last drawing by one for a time of CLOCK_MONOTONIC; empty where
  /// nothing has changed.
  mutating func draw(_ scene: Scene, at now: Microseconds) -> String
  /// The text to write when the input has ended.
  mutating func finish(_ scene: Scene) -> String
  /// Whether the next drawing differs although no record comes.
  var isMoving: Bool { get }
}

/// The defaults are those of a view that writes nothing until the end.
extension View {
  func willReceive(_ record: Record, _ scene: Scene) -> String { "" }
  func didReceive(_ record: Record, _ scene: Scene) -> String { "" }
  func draw(_ scene: Scene, at now: Microseconds) -> String { "" }
  var isMoving: Bool { false }

  /// Adds a record to the scene, and gives the text to write for it.
  mutating func receive(_ record: Record, into scene: inout Scene) -> String {
    let before = willReceive(record, scene)
    scene.receive(record)
    return before + didReceive(record, scene)
  }
}

/// Shows nothing.
struct NoView: View {
  func finish(_ scene: Scene) -> String { "" }
}

/// Draws the last state once, for an output that cannot be drawn over.
struct LastStateView: View {
  let screen: ChordScreen
  let columns: Int

  func finish(_ scene: Scene) -> String {
    guard scene.options.style == .waterfall else {
      return screen.lines(scene, columns: columns).map { $0 + "\n" }.joined()
    }
    var frame = WaterfallFrame()
    let position = scene.state.frame.map { Double($0.rawValue) }
    let rows = max(Waterfall.least.rows, columns * 3 / 10)
    let grid = frame.drawn(
      scene, at: position, isASCII: screen.glyphs.isASCII, columns: columns, rows: rows)
    return grid.lines.map { $0 + "\n" }.joined()
  }
}
