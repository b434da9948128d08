/// Splits blocks of any size into lines, in bounded memory.
public struct LineSplitter: Sendable {
  /// How many bytes of a line are kept: enough to see that it is too long for a record.
  private let longest: Int
  private var rest: [UInt8] = []

  /// - Parameter longest: only the first so many bytes of a longer line are kept.
  public init(longest: Int) { self.longest = longest }

  /// Adds a block, and returns the lines that end in it, without their newlines.
  public mutating func feed(_ block: some Collection<UInt8>) -> [[UInt8]] {
    let parts = block.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var lines: [[UInt8]] = []
    for (index, part) in parts.enumerated() {
      if index > 0 {
        lines.append(rest)
        rest = []
      }
      rest += part.prefix(longest - rest.count)
    }
    return lines
  }

  /// Returns the last line, if it has no newline; nil if there is nothing.
  public mutating func finish() -> [UInt8]? {
    defer { rest = [] }
    return rest.isEmpty ? nil : rest
  }
}
