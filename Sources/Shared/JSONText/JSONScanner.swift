/// Scans JSON, and checks it against RFC 8259. Strings must be well-formed UTF-8.
///
/// Every read goes through `byte(at:)`, so that no text, however broken, is read beyond its bytes.
public struct JSONScanner {
  /// The maximum depth of arrays and objects within a value.
  public static let mostNesting = 64

  /// The text. It has less than 4 GiB.
  public let bytes: UnsafeRawBufferPointer
  /// The index of the next byte to be scanned.
  public var position = 0

  /// Scans `bytes` from an index on.
  public init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// The byte at an index; past the end 0, which JSON allows nowhere.
  @inlinable @inline(__always)
  func byte(at index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

  @inlinable @inline(__always)
  var current: UInt8 { byte(at: position) }

  /// Skips spaces, tabs and line ends.
  @inlinable @inline(__always)
  public mutating func skipSpace() {
    while current == .space || current == .tab || current == .carriageReturn || current == .newline
    {
      position += 1
    }
  }

  /// Skips `byte` and the space before it, if it is next. Returns whether it was.
  @inlinable @inline(__always)
  public mutating func skip(_ byte: UInt8) -> Bool {
    skipSpace()
    guard current == byte else { return false }
    position += 1
    return true
  }

  /// Skips `byte` and the space before it, and throws if something else is next.
  /// - Parameter what: names the byte in the error: `expected ... at column 7`.
  @inlinable @inline(__always)
  public mutating func expect(_ byte: UInt8, _ what: StaticString) throws(JSONError) {
    guard skip(byte) else { throw unexpected(what) }
  }

  /// The error that something other than `what` is here.
  public func unexpected(_ what: StaticString) -> JSONError {
    let found =
      switch current {
      case _ where position >= bytes.count: "the end of the line"
      case 0x21...0x7E: "\"\(Unicode.Scalar(current))\""
      case .space: "a space"
      default: "the byte 0x\(String(current, radix: 16, uppercase: true))"
      }
    return JSONError(
      column: position + 1, message: "expected \(what) at column \(position + 1), found \(found)")
  }

  // MARK: Values

  /// Scans a value and the space before it.
  @inline(__always)
  public mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    let start = position
    var isEscaped = false
    let kind: JSONValue.Kind
    switch current {
    case .zero ... .nine, .minus:
      try skipNumber()
      kind = .number
    case .quote:
      isEscaped = try skipString()
      kind = .string
    default:
      kind = try skipOther()
    }
    return JSONValue(kind: kind, isEscaped: isEscaped, start: start, end: position)
  }

  private mutating func skipOther() throws(JSONError) -> JSONValue.Kind {
    switch current {
    case UInt8(ascii: "t"):
      try skipWord("true")
      return .true
    case UInt8(ascii: "f"):
      try skipWord("false")
      return .false
    case UInt8(ascii: "n"):
      try skipWord("null")
      return .null
    case .openBracket:
      try skipNested()
      return .array
    case .openBrace:
      try skipNested()
      return .object
    default:
      throw unexpected("a value")
    }
  }

  private mutating func skipWord(_ word: StaticString) throws(JSONError) {
    for index in 0..<word.utf8CodeUnitCount {
      guard current == word.utf8Start[index] else { throw unexpected(word) }
      position += 1
    }
  }

  /// Skips an array or object without recursion. A bit for each open one says which it is.
  private mutating func skipNested() throws(JSONError) {
    var isObject: UInt64 = 0
    var depth = 0
    repeat {
      // A value comes next.
      skipSpace()
      let opened = current
      if opened == .openBrace || opened == .openBracket {
        guard depth < Self.mostNesting else {
          throw JSONError(
            column: position + 1, message: "nested more than \(Self.mostNesting) levels deep")
        }
        isObject = isObject << 1 | (opened == .openBrace ? 1 : 0)
        depth += 1
        position += 1
        if !skip(opened == .openBrace ? .closeBrace : .closeBracket) {
          if opened == .openBrace { _ = try key() }
          continue
        }
        isObject >>= 1
        depth -= 1
      } else {
        _ = try value()
      }
      // A value has ended, and perhaps the arrays and objects that it is in.
      while depth > 0, !skip(.comma) {
        let isInObject = isObject & 1 == 1
        try expect(
          isInObject ? .closeBrace : .closeBracket, isInObject ? "\",\" or \"}\"" : "\",\" or \"]\""
        )
        isObject >>= 1
        depth -= 1
      }
      if depth > 0, isObject & 1 == 1 { _ = try key() }
    } while depth > 0
  }

  /// Scans the name of a field and the colon after it.
  @inline(__always)
  public mutating func key() throws(JSONError) -> JSONValue {
    skipSpace()
    guard current == .quote else { throw unexpected("the name of a field") }
    let start = position
    let isEscaped = try skipString()
    let key = JSONValue(kind: .string, isEscaped: isEscaped, start: start, end: position)
    try expect(.colon, "\":\"")
    return key
  }

  /// Scans an object and the space before it, and calls `body` with the name and the value of each
  /// member, in their order.
  @inlinable @inline(__always)
  public mutating func forEachMember(
    _ body: (_ name: JSONValue, _ value: JSONValue) throws(JSONError) -> Void
  ) throws(JSONError) {
    try expect(.openBrace, "a JSON object")
    guard !skip(.closeBrace) else { return }
    repeat {
      try body(try key(), try value())
    } while skip(.comma)
    try expect(.closeBrace, "\",\" or \"}\"")
  }

  // MARK: Numbers

  @inline(__always)
  private mutating func skipNumber() throws(JSONError) {
    if current == .minus { position += 1 }
    if current == .zero {
      position += 1
      guard !current.isDigit else { throw unexpected("no digit after a leading 0") }
    } else {
      try skipDigits()
    }
    if current == .point {
      position += 1
      try skipDigits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      position += 1
      if current == .plus || current == .minus { position += 1 }
      try skipDigits()
    }
  }

  @inline(__always)
  private mutating func skipDigits() throws(JSONError) {
    guard current.isDigit else { throw unexpected("a digit") }
    while current.isDigit { position += 1 }
  }

  // MARK: Strings

  /// Skips a string. Returns whether it has escapes.
  @inline(__always)
  mutating func skipString() throws(JSONError) -> Bool {
    position += 1
    var isEscaped = false
    while current != .quote {
      switch current {
      case .backslash:
        isEscaped = true
        try skipEscape()
      case 0..<0x20:
        throw unexpected("the rest of a string")
      case 0x20..<0x80:
        position += 1
      default:
        try skipMultibyte()
      }
    }
    position += 1
    return isEscaped
  }

  private mutating func skipEscape() throws(JSONError) {
    position += 1
    switch current {
    case .quote, .backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 1
    case UInt8(ascii: "u"):
      let start = position - 1
      let unit = try skipHexadecimal()
      guard unit & 0xF800 == 0xD800 else { return }
      // A high surrogate must be followed by a low one.
      guard unit < 0xDC00, current == .backslash, byte(at: position + 1) == UInt8(ascii: "u") else {
        position = start
        throw unpairedSurrogate()
      }
      position += 1
      guard try skipHexadecimal() & 0xFC00 == 0xDC00 else {
        position = start
        throw unpairedSurrogate()
      }
    default:
      throw unexpected("an escape")
    }
  }

  private func unpairedSurrogate() -> JSONError {
    JSONError(
      column: position + 1, message: "half of a surrogate pair at column \(position + 1)")
  }

  /// Skips `uXXXX`, and returns the number.
  private mutating func skipHexadecimal() throws(JSONError) -> UInt16 {
    position += 1
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(current)).hexDigitValue, current < 0x80 else {
        throw unexpected("a hexadecimal digit")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  /// Skips a character beyond ASCII. It has no overlong form and is no surrogate (Unicode, table
  /// 3-7).
  private mutating func skipMultibyte() throws(JSONError) {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch current {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: throw unexpected("UTF-8")
    }
    guard second.contains(byte(at: position + 1)),
      (2..<length).allSatisfy({ 0x80...0xBF ~= byte(at: position + $0) })
    else { throw unexpected("UTF-8") }
    position += length
  }
}
