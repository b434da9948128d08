/// A line of the stream, as it came and as what it says.
public struct Line: Hashable, Sendable {
  /// From 1.
  public var number: Int
  /// As read, with the newline, so that it can be passed on byte for byte. An unfinished last line
  /// is given its newline.
  public var bytes: [UInt8]
  public var record: Record

  public init(number: Int, bytes: [UInt8], record: Record) {
    self.number = number
    self.bytes = bytes
    self.record = record
  }
}

/// Makes lines of the bytes that it is fed, in blocks of any size.
///
/// ```swift
/// reader.feed(block)
/// while let line = try reader.next() { … }
/// ```
///
/// It holds what it was fed and has not given yet: take all lines before feeding the next block.
public struct RecordReader: Sendable {
  /// What is checked between records; nil where any sequence will do.
  public private(set) var rules: StreamRules?
  /// The lines given so far.
  public private(set) var lineCount = 0
  private var buffer: [UInt8] = []
  /// Where the next line begins in the buffer, and how far a newline was looked for.
  private var start = 0
  private var searched = 0
  private var isFinished = false
  private var failure: RecordError?

  public init(rules: StreamRules? = StreamRules()) {
    self.rules = rules
  }

  /// The stream's header, once it was read.
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

  /// Says that no more bytes follow: an unfinished last line counts if it is a whole record.
  public mutating func finish() {
    isFinished = true
  }

  /// Whether `next()` has a line, or an error, without being fed more.
  public var hasNext: Bool {
    mutating get {
      failure != nil || newline() != nil || buffer.count - start >= Limits.line
        || (isFinished && start < buffer.count)
    }
  }

  /// The next line; nil until more bytes are fed, or after the last line. Throws the same error
  /// again once it has thrown: a broken stream has no further lines.
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
      // A newline that is not among the first bytes would come too late.
      guard end - start < Limits.line else { throw .overlong(line: number) }
      guard isFinished, start < end else { return nil }
      buffer.append(.newline)
    }
    guard end - start < Limits.line else { throw .overlong(line: number) }
    let record = try record(at: start..<end, line: number)
    end += 1
    let line = Line(number: number, bytes: Array(buffer[start..<end]), record: record)
    lineCount = number
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
