/// What the stream allows. The reader refuses what lies beyond; the printer shortens to fit.
public enum Limits {
  /// The bytes of a line with its newline: what one write(2) to a pipe never tears.
  public static let line = 4096
  /// How deep the arrays and objects of a field may be nested.
  public static let nesting = 64
  /// Microseconds: what every JSON number type holds exactly.
  public static let time: ClosedRange<Int> = 0...9_007_199_254_740_991
  /// Two frame numbers can be added or subtracted without overflow.
  public static let frame: ClosedRange<Int> = -999_999_999...999_999_999
  /// Beats a minute.
  public static let tempo: ClosedRange<Double> = 1...10_000
  public static let framesPerBeat: ClosedRange<Int> = 1...96
}
