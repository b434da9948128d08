/// Why a line is no record, or does not fit into its stream.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number of the line, from 1.
  public var line: Int
  /// The byte of the line that it is about, from 1; 1 where it is about the whole line.
  public var column: Int
  /// The field that it is about, if any.
  public var field: String?
  /// What was expected and what was found, without place: tools put `<stdin>:17: ` before it.
  public var message: String

  public init(line: Int = 1, column: Int = 1, field: String? = nil, message: String) {
    self.line = line
    self.column = column
    self.field = field
    self.message = message
  }

  public var description: String { "\(line):\(column): \(message)" }
}

/// Names a piece of a line in a message: short, on one line, without control characters.
func quotation(_ bytes: UnsafeRawBufferPointer) -> String {
  let longest = 40
  var text = ""
  for scalar in String(decoding: bytes.prefix(longest), as: UTF8.self).unicodeScalars {
    // Messages go to terminals: what a stream holds must not steer one.
    let isControl = scalar.properties.generalCategory == .control
    text += isControl ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
  }
  return bytes.count > longest ? text + "..." : text
}
