import Foundation
import TestSupport
import Testing

/// The default model with only its first layer. It plans badly, but fast enough for an emulated
/// processor.
enum ShallowModel {
  static func data() throws -> Data {
    let url = ToolRunner.root.appendingPathComponent("Models/accompanist.safetensors")
    let file = try Data(contentsOf: url)
    // The header's length, the header, the elements of all tensors.
    let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let json = try JSONSerialization.jsonObject(with: file[8..<8 + length])
    var header = try #require(json as? [String: [String: Any]])
    let elements = file[(8 + length)...]

    let configuration = try #require(header["__metadata__"]?["configuration"] as? String)
    header["__metadata__"]?["configuration"] = configuration.replacingOccurrences(
      of: "\"layers\": 6", with: "\"layers\": 1")
    header = header.filter { name, _ in
      !name.hasPrefix("stack.") || name.hasPrefix("stack.0.")
    }
    var kept = Data()
    for (name, tensor) in header.sorted(by: { Self.offset($0.value) < Self.offset($1.value) }) {
      guard let offsets = tensor["data_offsets"] as? [Int] else { continue }
      let start = kept.count
      kept += elements.dropFirst(offsets[0]).prefix(offsets[1] - offsets[0])
      header[name]?["data_offsets"] = [start, kept.count]
    }
    let text = try JSONSerialization.data(withJSONObject: header)
    // Tensors that are read in place must be aligned.
    let padding = Data(repeating: UInt8(ascii: " "), count: (64 - (8 + text.count) % 64) % 64)
    let size = (0..<8).map { UInt8(truncatingIfNeeded: (text.count + padding.count) >> (8 * $0)) }
    return Data(size) + text + padding + kept
  }

  private static func offset(_ tensor: [String: Any]) -> Int {
    (tensor["data_offsets"] as? [Int])?[0] ?? -1
  }
}
