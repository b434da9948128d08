/// A JSON value. It is written compactly, in one line, like `jq -c`.
///
/// ```swift
/// let row: JSON = ["name": "commit", "to": 8]
/// ```
public enum JSON: Sendable, CustomStringConvertible {
  case null
  case flag(Bool)
  case integer(Int)
  case number(Double)
  /// A number with the digits that it is to be written with.
  case digits(String)
  case text(String)
  case list([JSON])
  /// The members keep their order.
  case object([(name: String, value: JSON)])

  public var description: String { String(decoding: bytes, as: UTF8.self) }

  /// The value's text.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  /// Appends the value's text.
  public func append(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes += "null".utf8
    case .flag(let flag): bytes += (flag ? "true" : "false").utf8
    case .integer(let integer): bytes.append(addingCapacity: 20) { $0.append(integer: integer) }
    case .number(let number): bytes.append(addingCapacity: 32) { $0.append(number: number) }
    case .digits(let digits): bytes += digits.utf8
    case .text(let text): Self.append(text, to: &bytes)
    case .list(let values):
      bytes.append(.openBracket)
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(.comma) }
        value.append(to: &bytes)
      }
      bytes.append(.closeBracket)
    case .object(let members):
      bytes.append(.openBrace)
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(.comma) }
        Self.append(member.name, to: &bytes)
        bytes.append(.colon)
        member.value.append(to: &bytes)
      }
      bytes.append(.closeBrace)
    }
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    // An escape has at most six bytes.
    bytes.append(addingCapacity: 6 * text.utf8.count + 2) { $0.append(quoted: text, leaving: 0) }
  }
}

extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(booleanLiteral flag: Bool) { self = .flag(flag) }
  public init(integerLiteral integer: Int) { self = .integer(integer) }
  public init(stringLiteral text: String) { self = .text(text) }
  public init(arrayLiteral values: JSON...) { self = .list(values) }
  public init(dictionaryLiteral members: (String, JSON)...) {
    self = .object(members.map { (name: $0.0, value: $0.1) })
  }
}
