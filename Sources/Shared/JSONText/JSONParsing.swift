extension JSON {
  /// Parses a text that is one value, with white space around it. Numbers that are whole and below
  /// 2^53 become integers, all others the nearest Double.
  public init(parsing text: UnsafeRawBufferPointer) throws(JSONError) {
    var scanner = JSONScanner(text)
    let value = try scanner.value()
    scanner.skipSpace()
    guard scanner.position == text.count else { throw scanner.unexpected("the end of the text") }
    try self.init(value, in: text)
  }

  /// Parses a text that is one value, with white space around it.
  public init(parsing text: String) throws(JSONError) {
    let bytes = Array(text.utf8)
    self = try bytes.span.bytes.withUnsafeBytes { bytes throws(JSONError) in
      try JSON(parsing: bytes)
    }
  }

  /// The member of an object; the last one if several have this name, nil if there is none.
  public subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  /// Its value if it is a whole number.
  public var integer: Int? {
    if case .integer(let integer) = self { integer } else { nil }
  }

  /// Its value if it is a number.
  public var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }

  /// Its value if it is a string.
  public var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// Its values if it is an array.
  public var list: [JSON]? {
    if case .list(let values) = self { values } else { nil }
  }

  private init(_ value: JSONValue, in text: UnsafeRawBufferPointer) throws(JSONError) {
    var scanner = JSONScanner(text, from: value.start)
    switch value.kind {
    case .absent, .null: self = .null
    case .true: self = .flag(true)
    case .false: self = .flag(false)
    case .string: self = .text(value.text(in: text))
    case .number:
      self = value.integer(in: text).map { .integer($0) } ?? .number(value.number(in: text))
    case .array:
      var values: [JSON] = []
      try scanner.expect(.openBracket, "an array")
      while !scanner.skip(.closeBracket) {
        values.append(try JSON(try scanner.value(), in: text))
        _ = scanner.skip(.comma)
      }
      self = .list(values)
    case .object:
      var members: [(name: String, value: JSON)] = []
      try scanner.forEachMember { name, value throws(JSONError) in
        members.append((name.text(in: text), try JSON(value, in: text)))
      }
      self = .object(members)
    }
  }
}
