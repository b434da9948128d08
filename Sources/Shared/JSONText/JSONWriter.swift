/// Writes compact JSON, like `jq -c`, into reserved memory.
extension OutputSpan<UInt8> {
  /// Appends the bytes of a literal as they are.
  @inlinable @inline(__always)
  public mutating func append(_ literal: StaticString) {
    for index in 0..<literal.utf8CodeUnitCount { append(literal.utf8Start[index]) }
  }

  /// Appends a whole number: at most 20 bytes.
  @inlinable @inline(__always)
  public mutating func append(integer: Int) {
    if integer < 0 { append(.minus) }
    var rest = integer.magnitude
    // The digits are computed from the last on; no number has more than 20.
    var digits = InlineArray<20, UInt8>(repeating: .zero)
    var first = digits.count
    repeat {
      first -= 1
      digits[first] += UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    for index in first..<digits.count { append(digits[index]) }
  }

  /// Appends the shortest digits that read back as `number`, without ".0" if it is whole.
  public mutating func append(number: Double) {
    // JSON has no infinity and no NaN.
    guard number.isFinite else { return append(.zero) }
    if let integer = number.wholeNumber { return append(integer: integer) }
    for byte in number.description.utf8 { append(byte) }
  }

  /// Appends a string. If necessary it is cut between two characters, so that room for `tail` bytes
  /// is left.
  public mutating func append(quoted text: String, leaving tail: Int) {
    append(.quote)
    var room = freeCapacity - tail - 1
    for scalar in text.unicodeScalars {
      let escape = Escape(scalar)
      let length = escape?.length ?? UTF8.width(scalar)
      guard length <= room else { break }
      room -= length
      if let escape {
        append(escape)
      } else {
        for byte in UTF8.encode(scalar)! { append(byte) }
      }
    }
    append(.quote)
  }

  private mutating func append(_ escape: Escape) {
    append(.backslash)
    switch escape {
    case .short(let letter): append(letter)
    case .unicode(let control):
      append("u00")
      append(UInt8(ascii: control < 0x10 ? "0" : control < 0x20 ? "1" : "7"))
      append(Array("0123456789abcdef".utf8)[Int(control & 15)])
    }
  }
}

/// The escape of a character that may not appear in a string as it is.
private enum Escape {
  case short(UInt8)
  case unicode(UInt8)

  init?(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\"", "\\": self = .short(UInt8(ascii: scalar))
    case "\u{08}": self = .short(UInt8(ascii: "b"))
    case "\u{0C}": self = .short(UInt8(ascii: "f"))
    case "\n": self = .short(UInt8(ascii: "n"))
    case "\r": self = .short(UInt8(ascii: "r"))
    case "\t": self = .short(UInt8(ascii: "t"))
    // JSON allows a plain delete, but to terminals it is a control character.
    case "\0"..."\u{1F}", "\u{7F}": self = .unicode(UInt8(ascii: scalar))
    default: return nil
    }
  }

  var length: Int {
    switch self {
    case .short: 2
    case .unicode: 6
    }
  }
}

extension String {
  /// As a string of JSON, with its quotation marks.
  public var quotedAsJSON: String { JSON.text(self).description }
}
