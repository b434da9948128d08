import Music
import Testing

@testable import plan_view

/// Fifty drawings a second: one each 20 ms.
@Suite struct DrawingPaceTests {
  /// The times of the drawings when something changes at each of the given times, in milliseconds.
  private func drawings(_ changes: [Int64]) -> [Int64] {
    var pace = DrawingPace(framesPerSecond: 50)
    var drawn: [Int64] = []
    for change in changes {
      let time = max(change * 1000, pace.next(isChanged: true).rawValue, (drawn.last ?? 0) * 1000)
      pace.recordRequest(at: Microseconds(time), hasDrawn: true)
      drawn.append(time / 1000)
    }
    return drawn
  }

  @Test(
    "draws a change at once, but no more often than allowed",
    arguments: [
      // A plan is drawn at once after its tick.
      ([0, 5, 125, 130], [0, 5, 125, 130]),
      // A stream of changes is drawn as often as allowed.
      ([0, 0, 0, 0, 0], [0, 0, 20, 40, 60]), ([0, 20, 40, 60], [0, 20, 40, 60]),
    ])
  func drawsAtOnceButNoMoreThanAllowed(changes: [Int64], times: [Int64]) {
    #expect(drawings(changes) == times)
  }

  /// A view that had nothing to draw does not delay the next change.
  @Test("asks for moving drawings at equal intervals")
  func looksAtWhatMovesAtEqualIntervals() {
    var pace = DrawingPace(framesPerSecond: 50)
    pace.recordRequest(at: Microseconds(100_000), hasDrawn: false)
    #expect(pace.next(isChanged: false) == Microseconds(120_000))
    #expect(pace.next(isChanged: true) < Microseconds(100_000))
  }
}
