import JSONText

/// The reason why a line is no record, or why its record does not fit into the stream.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number of the line, from 1.
  public var line: Int
  /// The byte of the line at fault, from 1; 1 if the whole line is.
  public var column: Int
  /// The field at fault, if any.
  public var field: String?
  /// What was expected and what was found. Tools put the place before it: `<stdin>:17: `.
  public var message: String

  public init(line: Int = 1, column: Int = 1, field: String? = nil, message: String) {
    self.line = line
    self.column = column
    self.field = field
    self.message = message
  }

  init(_ error: JSONError) {
    self.init(column: error.column, message: error.message)
  }

  public var description: String { "\(line):\(column): \(message)" }
}

/// A part of a line as a message quotes it: short, and without control characters.
func quotation(_ bytes: UnsafeRawBufferPointer) -> String {
  let longest = 40
  let text = String(decoding: bytes.prefix(longest), as: UTF8.self).printable()
  return bytes.count > longest ? text + "..." : text
}
