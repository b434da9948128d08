/// The place of a value in the text that it was scanned from, which its content is read from on
/// demand. Of any other text it reads nonsense.
public struct JSONValue: Sendable {
  /// What it is. `absent` is for a value that an object has not.
  public enum Kind: UInt8, Sendable {
    case absent, number, string, `true`, `false`, null, array, object
  }

  public let kind: Kind
  /// Whether it is a string with escapes.
  public let isEscaped: Bool
  @usableFromInline
  let startOffset: UInt32
  @usableFromInline
  let endOffset: UInt32

  /// The value of a member that an object has not.
  public static let absent = JSONValue(kind: .absent, isEscaped: false, start: 0, end: 0)

  @inline(__always)
  init(kind: Kind, isEscaped: Bool, start: Int, end: Int) {
    self.kind = kind
    self.isEscaped = isEscaped
    startOffset = UInt32(start)
    endOffset = UInt32(end)
  }

  /// The index of its first byte.
  public var start: Int { Int(startOffset) }
  /// The indices of its bytes. Those of a string include the quotation marks.
  public var range: Range<Int> { Int(startOffset)..<Int(endOffset) }

  /// Its bytes. Those of a string include the quotation marks.
  @inlinable @inline(__always)
  public func bytes(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: text[Int(startOffset)..<Int(endOffset)])
  }

  /// The bytes of a string between its quotation marks, with the escapes.
  @inlinable @inline(__always)
  public func contents(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: text[Int(startOffset) + 1..<Int(endOffset) - 1])
  }

  /// The text of a string.
  public func text(in text: UnsafeRawBufferPointer) -> String {
    let contents = contents(in: text)
    return isEscaped
      ? String(decoding: unescaped(contents), as: UTF8.self)
      : String(decoding: contents, as: UTF8.self)
  }

  /// The value of a number that is whole and exact; nil for any other. Some writers make 60.0 or
  /// 6e1 of 60.
  @inlinable @inline(__always)
  public func integer(in text: UnsafeRawBufferPointer) -> Int? {
    let digits = bytes(in: text)
    let isNegative = digits[0] == .minus
    var magnitude = 0
    var index = isNegative ? 1 : 0
    // 18 digits do not overflow.
    guard digits.count <= 18 else { return wholeNumber(in: text) }
    while index < digits.count {
      guard digits[index].isDigit else { return wholeNumber(in: text) }
      magnitude = magnitude &* 10 &+ Int(digits[index] &- .zero)
      index += 1
    }
    return isNegative ? -magnitude : magnitude
  }

  @usableFromInline
  func wholeNumber(in text: UnsafeRawBufferPointer) -> Int? {
    number(in: text).wholeNumber
  }

  /// The value of a number, rounded to the nearest Double; infinite beyond the range of those.
  public func number(in text: UnsafeRawBufferPointer) -> Double {
    let digits = bytes(in: text)
    var mantissa = 0
    var places = 0
    var isPastPoint = false
    for byte in digits {
      switch byte {
      case .minus where mantissa == 0 && places == 0: continue
      case .point: isPastPoint = true
      case _ where byte.isDigit:
        mantissa = mantissa &* 10 &+ Int(byte &- .zero)
        if isPastPoint { places += 1 }
      default: return Double(String(decoding: digits, as: UTF8.self)) ?? .infinity
      }
    }
    // With up to 15 digits both operands are exact, so the quotient is the nearest Double (Clinger
    // 1990).
    guard digits.count <= 15 else {
      return Double(String(decoding: digits, as: UTF8.self)) ?? .infinity
    }
    let magnitude = Double(mantissa) / powersOfTen[places]
    return digits[0] == .minus ? -magnitude : magnitude
  }
}

extension Double {
  /// The value as an integer, if it is whole and less than 2^53, so that it is exact.
  var wholeNumber: Int? {
    guard magnitude < 9_007_199_254_740_992 else { return nil }
    let integer = Int(self)
    return Double(integer) == self ? integer : nil
  }
}

private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
]

/// Replaces the escapes of a string that the scanner has checked.
private func unescaped(_ contents: UnsafeRawBufferPointer) -> [UInt8] {
  var text: [UInt8] = []
  text.reserveCapacity(contents.count)
  var index = 0
  while index < contents.count {
    guard contents[index] == .backslash else {
      text.append(contents[index])
      index += 1
      continue
    }
    let escape = contents[index + 1]
    index += 2
    switch escape {
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(.newline)
    case UInt8(ascii: "r"): text.append(.carriageReturn)
    case UInt8(ascii: "t"): text.append(.tab)
    case UInt8(ascii: "u"):
      var scalar = hexadecimal(contents, at: index)
      index += 4
      if scalar & 0xF800 == 0xD800 {
        scalar = 0x10000 + (scalar - 0xD800) << 10 + hexadecimal(contents, at: index + 2) - 0xDC00
        index += 6
      }
      text += String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8
    default: text.append(escape)
    }
  }
  return text
}

private func hexadecimal(_ bytes: UnsafeRawBufferPointer, at index: Int) -> UInt32 {
  bytes[index..<index + 4].reduce(0) { value, digit in
    value << 4 | UInt32(Character(Unicode.Scalar(digit)).hexDigitValue ?? 0)
  }
}
