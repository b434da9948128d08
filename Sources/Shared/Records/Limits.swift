/// The limits of the stream. The reader refuses records beyond them, and the printer shortens
/// records to fit.
public enum Limits {
  /// In bytes, the length of a line with its newline: the most that one write(2) to a pipe never
  /// tears.
  public static let line = 4096
  /// The depth to which the arrays and objects of a field may be nested.
  public static let nesting = 64
  /// In microseconds: less than 2^53, which every number type of JSON readers holds exactly.
  public static let time: ClosedRange<Int> = 0...9_007_199_254_740_991
  /// The sum and the difference of two frame numbers never overflow.
  public static let frame: ClosedRange<Int> = -999_999_999...999_999_999
  /// In beats a minute.
  public static let tempo: ClosedRange<Double> = 1...10_000
  public static let framesPerBeat: ClosedRange<Int> = 1...96
}
