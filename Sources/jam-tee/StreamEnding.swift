import Records

/// Finds out whether a stream ended as intended, without reading all of its records.
struct StreamEnding {
  /// After an `end` record, a stream may go on for a few lines: a `stat` of jam-agent, say.
  private static let longest = 4_096

  /// The last lines.
  private var tail: [UInt8] = []
  private var lineCount = 0
  /// Whether the first line is a header; nil before the first line.
  private var isStream: Bool?

  mutating func follow(_ lines: [UInt8]) {
    isStream = isStream ?? Self.isHeader(lines.prefix { $0 != UInt8(ascii: "\n") })
    lineCount += lines.count(where: { $0 == UInt8(ascii: "\n") })
    tail = Array((tail + lines.suffix(Self.longest)).suffix(Self.longest))
  }

  private static func isHeader(_ line: ArraySlice<UInt8>) -> Bool {
    if case .header = try? Record(parsing: Array(line)).event { true } else { false }
  }

  /// The number of the last line, if no `end` record is among the last lines; nil if there is one,
  /// and if the input is no stream.
  var breakOff: Int? {
    guard isStream ?? false else { return nil }
    let lines = tail.split(separator: UInt8(ascii: "\n"))
    let hasEnd = lines.contains { line in
      guard case .end = try? Record(parsing: Array(line)).event else { return false }
      return true
    }
    return hasEnd ? nil : max(1, lineCount)
  }
}
