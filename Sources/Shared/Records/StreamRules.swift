import Music

/// The rules for the sequence of records in a stream: the first record is the only header, and
/// times never go back.
public struct StreamRules: Hashable, Sendable {
  /// The stream's header; nil before it came.
  public private(set) var header: Header?
  private var time = Microseconds(.min)

  public init() {}

  /// Checks the next record of the stream.
  @inline(__always)
  public mutating func check(_ record: Record, line: Int) throws(RecordError) {
    if case .header(let first) = record.event {
      guard header == nil else {
        throw RecordError(
          line: line,
          message: "second header: a stream has one, so recordings cannot be joined end to end")
      }
      header = first
    } else if header == nil {
      throw RecordError(line: line, message: "expected a header as the first record")
    }
    guard record.time >= time else {
      throw RecordError(
        line: line, field: "t",
        message: "time goes back from \(time.rawValue) to \(record.time.rawValue) in \"t\"")
    }
    time = record.time
  }
}
