/// Makes whole lines of blocks of any size.
struct LineCutter {
  /// In bytes. A longer line, which can't be a record, is passed on in pieces, so that memory is bounded.
  static let longest = 65_536

  /// The beginning of a line whose end has not come yet.
  private var rest: [UInt8] = []

  /// Adds a block, and returns the lines that are whole now.
  mutating func feed(_ block: ArraySlice<UInt8>) -> [UInt8] {
    let end = block.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
    guard let end = end ?? (rest.count + block.count >= Self.longest ? block.endIndex : nil) else {
      rest += block
      return []
    }
    let lines = rest + block[..<end]
    rest = Array(block[end...])
    return lines
  }

  /// Returns what is left at the end of the input: a last line without its newline.
  mutating func finish() -> [UInt8] {
    defer { rest = [] }
    return rest
  }
}
