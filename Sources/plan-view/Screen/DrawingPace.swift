import Music

/// When drawings may be made: so many a second on average, of which two may follow each other at
/// once. A plan comes some milliseconds after its tick, and must not wait for the next turn because
/// the tick was drawn.
struct DrawingPace {
  /// The average time between two drawings.
  let interval: Microseconds
  /// When the next drawing would be due at equal intervals.
  private var due = Microseconds(.min / 2)
  /// When the view was last asked for a drawing.
  private var lastRequest = Microseconds(.min / 2)

  init(framesPerSecond: Int) {
    interval = Microseconds(Int64(1_000_000 / framesPerSecond))
  }

  /// The earliest time for the next drawing: of a change, or of what moves by itself.
  func next(isChanged: Bool) -> Microseconds {
    isChanged ? due - interval : max(due, lastRequest + interval)
  }

  /// Records that the view was asked for a drawing; `hasDrawn` is false if it had nothing new.
  mutating func recordRequest(at now: Microseconds, hasDrawn: Bool) {
    lastRequest = now
    if hasDrawn { due = max(due, now) + interval }
  }
}
