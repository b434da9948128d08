/// Literals of Swift stand for values of JSON:
///
/// ```swift
/// let row: JSON = ["name": "commit", "to": 8]
/// ```
extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
  /// The fields keep their order.
  public init(dictionaryLiteral fields: (String, JSON)...) {
    self = .object(fields.map { (name: $0.0, value: $0.1) })
  }

  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
  public init(stringLiteral text: String) { self = .text(text) }
  public init(integerLiteral integer: Int) { self = .integer(integer) }
  public init(booleanLiteral flag: Bool) { self = .flag(flag) }
}
