/// The limits of the stream. The reader refuses records beyond them, and the printer shortens
/// records to fit.
public enum Limits {
  /// The maximum length of a line with its newline, in bytes: as much as one write(2) puts into a
  /// pipe in one piece (PIPE_BUF).
  public static let line = 4096
  /// The times that a record may have, in microseconds. All are below 2^53, so that JSON readers
  /// which use floating point hold them exactly.
  public static let time: ClosedRange<Int> = 0...9_007_199_254_740_991
  /// The frame numbers that a record may have. They are so small that sums and differences of two
  /// of them never overflow.
  public static let frame: ClosedRange<Int> = -999_999_999...999_999_999
  /// The tempi that a record may have, in beats a minute.
  public static let tempo: ClosedRange<Double> = 1...10_000
  /// The numbers of frames a beat that a header may have.
  public static let framesPerBeat: ClosedRange<Int> = 1...96
}
