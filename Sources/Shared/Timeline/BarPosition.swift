import Music

/// The bar of a frame, and the frame's place in it.
public struct BarPosition: Hashable, Sendable {
  /// The number of the bar. Bar 0 begins at frame 0; the bars of a count-in are negative.
  public let number: Int
  /// Frames since the bar line.
  public let place: Int
  /// Frames in the bar.
  public let length: Int
}

/// A sequence of bars of one meter, from a frame on: the grid's origin.
struct BarGrid: Sendable {
  let meter: Meter
  /// Frames in a bar, at least one.
  let length: Int
  /// The number of the bar that begins at the grid's origin.
  let first: Int

  init(_ meter: Meter, _ framesPerBeat: Int, first: Int) {
    self.meter = meter
    self.first = first
    length = max(1, Int((meter.beatsPerBar * Double(framesPerBeat)).rounded()))
  }

  /// - Parameter frame: counted from the grid's origin.
  func position(ofFrame frame: Frame) -> BarPosition {
    let (quotient, remainder) = frame.rawValue.quotientAndRemainder(dividingBy: length)
    return remainder < 0
      ? BarPosition(number: first + quotient - 1, place: remainder + length, length: length)
      : BarPosition(number: first + quotient, place: remainder, length: length)
  }
}
