/// Reads bytes one after the other, and never past `end`. Its errors say what was expected where.
struct ByteReader {
  let bytes: [UInt8]
  var offset: Int
  /// Just past the last byte that may be read.
  let end: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = 0
    end = bytes.count
  }

  /// A reader for `count` bytes from an offset on, all of which exist.
  private init(_ bytes: [UInt8], from offset: Int, count: Int) {
    self.bytes = bytes
    self.offset = offset
    end = offset + count
  }

  var remaining: Int { end - offset }

  func failure(
    at place: Int? = nil, expected: String, found: String? = nil
  ) -> MidiFileError {
    MidiFileError(offset: place ?? offset, expected: expected, found: found ?? whatIsHere)
  }

  /// The next byte, or the end, as an error names it.
  private var whatIsHere: String {
    if offset < end { return hexadecimal(bytes[offset]) }
    return end == bytes.count ? "the end of the file" : "the end of the track"
  }

  mutating func byte(_ expected: String) throws(MidiFileError) -> UInt8 {
    guard offset < end else { throw failure(expected: expected) }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// An unsigned number, most significant byte first.
  mutating func number(bytes count: Int, _ expected: String) throws(MidiFileError) -> Int {
    var value = 0
    for _ in 0..<count { value = value << 8 | Int(try byte(expected)) }
    return value
  }

  /// A variable-length number: seven bits a byte, four bytes at most. Longer ones that are accepted
  /// have the value of all their bytes, or `Int32.max` if it is greater.
  mutating func variableLength(
    _ expected: String, _ tolerance: inout Tolerance
  ) throws(MidiFileError) -> Int {
    let start = offset
    var value = 0
    var next: UInt8
    repeat {
      next = try byte(expected)
      value = min(value << 7 | Int(next & 0x7F), Int(Int32.max))
    } while next >= 0x80
    if offset - start > 4 {
      try tolerance.accept(
        failure(at: start, expected: "\(expected) of at most four bytes", found: "a longer number"))
    }
    return value
  }

  /// Returns a reader of the next `count` bytes. The count is declared by the file, so it is
  /// checked before anything else.
  mutating func part(of count: Int, _ what: String) throws(MidiFileError) -> ByteReader {
    guard count <= remaining else {
      throw failure(expected: "\(count) bytes of \(what)", found: "only \(remaining)")
    }
    defer { offset += count }
    return part(offset..<offset + count)
  }

  /// Returns a reader of some bytes, all of which exist.
  func part(_ range: Range<Int>) -> ByteReader {
    ByteReader(bytes, from: range.lowerBound, count: range.count)
  }

  /// Whether a text is at a place.
  func has(_ text: StaticString, at place: Int) -> Bool {
    guard place + text.utf8CodeUnitCount <= end else { return false }
    return text.withUTF8Buffer { bytes[place..<place + $0.count].elementsEqual($0) }
  }

  /// The first place of a text from a place on.
  func find(_ text: StaticString, from place: Int) -> Int? {
    guard place <= end - text.utf8CodeUnitCount else { return nil }
    return (place...end - text.utf8CodeUnitCount).first { has(text, at: $0) }
  }

  /// Whether a chunk begins at a place: its name is of printable ASCII.
  func hasChunk(at place: Int) -> Bool {
    place + 8 <= end && bytes[place..<place + 4].allSatisfy { 0x20...0x7E ~= $0 }
  }

  /// The length of the chunk whose length is at a place, four bytes before the reader's end or
  /// earlier.
  func length(at place: Int) -> Int {
    bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  /// The rest of the bytes as text: UTF-8, or otherwise Windows-1252, which older files have.
  func text() -> String {
    let slice = bytes[offset..<end]
    return String(validating: slice, as: UTF8.self)
      ?? String(String.UnicodeScalarView(slice.map(windows1252)))
  }
}

/// The character of a byte in Windows-1252: that of Latin-1, except for 0x80 to 0x9F.
private func windows1252(_ byte: UInt8) -> Unicode.Scalar {
  0x80...0x9F ~= byte ? windows1252Specials[Int(byte - 0x80)] : Unicode.Scalar(byte)
}

private let windows1252Specials = Array("€�‚ƒ„…†‡ˆ‰Š‹Œ�Ž��‘’“”•–—˜™š›œ�žŸ".unicodeScalars)

/// `0x4D`
func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return "0x" + (digits.count == 1 ? "0" : "") + digits
}
