/// A line of the stream: its bytes and its record.
public struct Line: Hashable, Sendable {
  /// The line's number in the stream, counted from 1.
  public var number: Int
  /// The bytes as they were read, with the newline: they can be passed on unchanged. An unfinished
  /// last line is given a newline.
  public var bytes: [UInt8]
  public var record: Record

  public init(number: Int, bytes: [UInt8], record: Record) {
    self.number = number
    self.bytes = bytes
    self.record = record
  }
}

/// Reads lines from blocks of bytes of any size.
///
/// ```swift
/// reader.feed(block)
/// while let line = try reader.next() { … }
/// ```
///
/// Take all lines before feeding the next block, so that the reader need not hold more.
public struct RecordReader: Sendable {
  /// The rules for the sequence of records; nil if any sequence is allowed.
  public private(set) var rules: StreamRules?
  /// How many lines were read so far.
  public private(set) var lineCount = 0
  /// Whether an `end` record was read. A stream that ends without one broke off.
  public private(set) var hasEnd = false
  private var buffer: [UInt8] = []
  /// Where the next line begins in the buffer.
  private var start = 0
  /// The buffer has no newline between `start` and here.
  private var searched = 0
  private var isFinished = false
  private var failure: RecordError?

  public init(rules: StreamRules? = StreamRules()) {
    self.rules = rules
  }

  /// The stream's header; nil before it was read.
  public var header: Header? { rules?.header }

  /// Adds the next bytes of the stream.
  public mutating func feed(_ bytes: UnsafeRawBufferPointer) {
    if start > 0 {
      buffer.removeSubrange(..<start)
      searched -= start
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  public mutating func feed(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { feed($0) }
  }

  /// Says that no more bytes follow. An unfinished last line counts if it is a whole record.
  public mutating func finish() {
    isFinished = true
  }

  /// Returns the next line; nil if more bytes are needed, and after the last line. After an error
  /// it throws the same error each time: a broken stream has no further lines.
  public mutating func next() throws(RecordError) -> Line? {
    if let failure { throw failure }
    do throws(RecordError) {
      return try nextLine()
    } catch {
      failure = error
      throw error
    }
  }

  @inline(__always)
  private mutating func nextLine() throws(RecordError) -> Line? {
    let number = lineCount + 1
    var end = newline() ?? buffer.count
    if end == buffer.count {
      // A longer line is refused before its newline comes.
      guard end - start < Limits.line else { throw .overlong(line: number) }
      guard isFinished, start < end else { return nil }
      buffer.append(.newline)
    }
    guard end - start < Limits.line else { throw .overlong(line: number) }
    let record = try record(at: start..<end, line: number)
    end += 1
    let line = Line(number: number, bytes: Array(buffer[start..<end]), record: record)
    lineCount = number
    if case .end = record.event { hasEnd = true }
    start = end
    searched = end
    return line
  }

  @inline(__always)
  private mutating func record(at range: Range<Int>, line: Int) throws(RecordError) -> Record {
    do throws(RecordError) {
      let record = try Record(parsing: buffer.span.bytes.extracting(range))
      try rules?.check(record, line: line)
      return record
    } catch {
      var error = error
      error.line = line
      throw error
    }
  }

  /// The index of the next newline in the buffer.
  @inline(__always)
  private mutating func newline() -> Int? {
    let found = buffer.withUnsafeBytes { $0.firstNewline(from: searched) }
    searched = found ?? buffer.count
    return found
  }
}

extension RecordError {
  fileprivate static func overlong(line: Int) -> RecordError {
    var error = overlong
    error.line = line
    return error
  }
}
