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

  /// A byte below 128.
  mutating func dataByte(_ expected: String) throws(MidiFileError) -> UInt8 {
    guard offset < end, bytes[offset] < 0x80 else { throw failure(expected: expected) }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// An unsigned number, most significant byte first.
  mutating func number(bytes count: Int, _ expected: String) throws(MidiFileError) -> Int {
    var value = 0
    for _ in 0..<count { value = value << 8 | Int(try byte(expected)) }
    return value
  }

  /// A variable-length number: seven bits a byte, four bytes at most.
  mutating func variableLength(_ expected: String) throws(MidiFileError) -> Int {
    let start = offset
    var value = 0
    for _ in 0..<4 {
      let next = try byte(expected)
      value = value << 7 | Int(next & 0x7F)
      if next < 0x80 { return value }
    }
    throw failure(
      at: start, expected: "\(expected) of at most four bytes", found: "a longer number")
  }

  /// Returns a reader of the next `count` bytes. The count is declared by the file, so it is
  /// checked before anything else.
  mutating func part(of count: Int, _ what: String) throws(MidiFileError) -> ByteReader {
    guard count <= remaining else {
      throw failure(expected: "\(count) bytes of \(what)", found: "only \(remaining)")
    }
    defer { offset += count }
    return ByteReader(bytes, from: offset, count: count)
  }

  /// The rest of the bytes as text: UTF-8, or otherwise Latin-1, which older files have.
  func text() -> String {
    let slice = bytes[offset..<end]
    return String(validating: slice, as: UTF8.self)
      ?? String(String.UnicodeScalarView(slice.map { Unicode.Scalar($0) }))
  }
}

/// `0x4D`
func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return "0x" + (digits.count == 1 ? "0" : "") + digits
}
