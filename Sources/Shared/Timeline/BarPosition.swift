import Music

/// A frame's place in its bar.
public struct BarPosition: Hashable, Sendable {
  /// The bar's number; bar 0 begins at frame 0, the bars of a count-in are negative.
  public let number: Int
  /// Frames since the bar line.
  public let place: Int
  /// Frames in the bar.
  public let length: Int
}

/// Bars of one meter, in frames.
struct BarGrid: Sendable {
  let meter: Meter
  /// Frames in a bar. Bars of a meter finer than the frames have at least one.
  let length: Int
  /// The number of the bar that begins at the grid's origin.
  let first: Int

  init(_ meter: Meter, _ framesPerBeat: Int, first: Int) {
    self.meter = meter
    self.first = first
    length = max(1, Int((meter.beatsPerBar * Double(framesPerBeat)).rounded()))
  }

  /// `frame` counts from the grid's origin.
  func position(ofFrame frame: Frame) -> BarPosition {
    let (quotient, remainder) = frame.rawValue.quotientAndRemainder(dividingBy: length)
    return remainder < 0
      ? BarPosition(number: first + quotient - 1, place: remainder + length, length: length)
      : BarPosition(number: first + quotient, place: remainder, length: length)
  }
}
