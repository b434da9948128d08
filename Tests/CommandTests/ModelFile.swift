import Foundation
import TestSupport
import Testing

/// The parts of a safetensors file. It has the length of its header in 8 bytes, little endian, then
/// the header in JSON, then the elements of all tensors.
struct ModelFile {
  var header: [String: [String: Any]]
  var elements: Data

  static let shipped = ToolRunner.root.appendingPathComponent("Models/accompanist.safetensors")

  init(at url: URL) throws {
    let data = try Data(contentsOf: url)
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let json = try JSONSerialization.jsonObject(with: data[8..<8 + length])
    header = try #require(json as? [String: [String: Any]])
    elements = Data(data[(8 + length)...])
  }

  /// Changes a field of a tensor in the header.
  mutating func change(_ tensor: String, _ field: String, _ value: Any) throws {
    try #require(header[tensor] != nil)
    header[tensor]?[field] = value
  }

  /// Appends this many bytes to the elements, and places a tensor there.
  mutating func append(_ count: Int, as tensor: String) throws {
    try change(tensor, "data_offsets", [elements.count, elements.count + count])
    elements += Data(count: count)
  }

  /// Overwrites the first bytes of a tensor.
  mutating func put(_ bytes: [UInt8], into tensor: String) throws {
    let offsets = try #require(header[tensor]?["data_offsets"] as? [Int])
    elements.replaceSubrange(offsets[0]..<offsets[0] + bytes.count, with: bytes)
  }

  func data() throws -> Data {
    Self.bytes(header: try JSONSerialization.data(withJSONObject: header), elements: elements)
  }

  /// The bytes of a file with this header and these elements.
  static func bytes(header: Data, elements: Data) -> Data {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return Data(length) + header + elements
  }
}
