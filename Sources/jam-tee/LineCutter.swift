/// Cuts what is read into whole lines, in blocks of any size.
struct LineCutter {
  /// What is this long without an end is passed on in pieces: no record is, and memory is bounded.
  static let longest = 65_536

  /// The beginning of a line.
  private var rest: [UInt8] = []

  /// The lines that are whole now that `block` follows what was fed before; empty where none is.
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

  /// What is left at the end of the input: a last line without its newline.
  mutating func finish() -> [UInt8] {
    defer { rest = [] }
    return rest
  }
}
