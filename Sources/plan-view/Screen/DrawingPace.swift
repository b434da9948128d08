import Music

/// When drawings may be made: so many a second, of which two may follow at once where something
/// changed. A plan comes some milliseconds after its tick, and is not to wait for the next turn
/// because the tick was drawn.
struct DrawingPace {
  /// Between two drawings, on the average.
  let interval: Microseconds
  /// When the next drawing would be due if all were made at equal intervals.
  private var due = Microseconds(.min / 2)
  /// When somebody looked whether what moves by itself has moved.
  private var lastLook = Microseconds(.min / 2)

  init(framesPerSecond: Int) {
    interval = Microseconds(Int64(1_000_000 / framesPerSecond))
  }

  /// The earliest time for a drawing of what has changed, or else of what moves by itself.
  func next(isChanged: Bool) -> Microseconds {
    isChanged ? due - interval : max(due, lastLook + interval)
  }

  /// Something was looked at, and drawn where it differed.
  mutating func look(at now: Microseconds, hasDrawn: Bool) {
    lastLook = now
    if hasDrawn { due = max(due, now) + interval }
  }
}
