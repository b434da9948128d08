import JSONText
import SystemPackage

/// A safetensors file, mapped read-only into memory: only tensors that are read are loaded.
///
/// The format is: the header's length in eight bytes (little endian), a JSON header with the type,
/// the shape and the offsets of each tensor, and then the bytes of the tensors.
public final class SafetensorsFile: Sendable {
  /// The type, the shape and the place of a tensor.
  public struct Tensor: Hashable, Sendable {
    public let kind: ElementKind
    /// In row-major order: elements along the last extent are next to each other.
    public let shape: [Int]
    let bytes: Range<Int>

    public var count: Int { shape.reduce(1, *) }
  }

  /// The element types that can be read.
  public enum ElementKind: String, Sendable {
    case float16 = "F16"
    case float32 = "F32"
    case int8 = "I8"

    var size: Int {
      switch self {
      case .int8: 1
      case .float16: 2
      case .float32: 4
      }
    }
  }

  /// Texts by name, from the header's `__metadata__`.
  public let metadata: [String: String]
  private let tensors: [String: Tensor]
  private let mapping: Mapping
  /// The offset in the file at which the bytes of the tensors begin.
  private let origin: Int

  /// In bytes. No model has a header nearly as long.
  private static let longestHeader = 1 << 20

  /// Maps a file, and checks its header against its size.
  public init(path: String) throws(SafetensorsError) {
    let mapping = try Mapping(path: path)
    let (header, origin) = try Self.header(of: mapping, path: path)
    var metadata: [String: String] = [:]
    var tensors: [String: Tensor] = [:]
    for (name, entry) in header {
      if name == "__metadata__" {
        metadata = try Self.texts(entry, path: path)
      } else {
        tensors[name] = try Tensor(
          entry, name: name, size: mapping.bytes.count - origin, path: path)
      }
    }
    try Self.checkOverlaps(of: tensors, path: path)
    (self.mapping, self.origin) = (mapping, origin)
    (self.metadata, self.tensors) = (metadata, tensors)
  }

  /// The names of all tensors, sorted.
  public var names: [String] { tensors.keys.sorted() }

  /// The tensor with a name; nil if there is none.
  public subscript(name: String) -> Tensor? { tensors[name] }

  /// The bytes of a tensor in the mapped file. They are valid as long as this object lives.
  public func bytes(of tensor: Tensor) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      rebasing: mapping.bytes[origin + tensor.bytes.lowerBound..<origin + tensor.bytes.upperBound])
  }

  /// Copies the elements of a float16 or float32 tensor as float32.
  /// - Parameter destination: has room for `tensor.count` elements.
  public func read(_ tensor: Tensor, into destination: UnsafeMutableBufferPointer<Float>) {
    let bytes = bytes(of: tensor)
    precondition(destination.count == tensor.count)
    for index in 0..<tensor.count {
      switch tensor.kind {
      case .int8: preconditionFailure("int8 has no meaning without a scale")
      case .float16:
        let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        destination[index] = Float(halfPrecision: UInt16(littleEndian: bits))
      case .float32:
        let bits = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
        destination[index] = Float(bitPattern: UInt32(littleEndian: bits))
      }
    }
  }

  private static func header(
    of mapping: Mapping, path: String
  ) throws(SafetensorsError) -> ([(name: String, value: JSON)], origin: Int) {
    let bytes = mapping.bytes
    guard bytes.count >= 8 else {
      throw SafetensorsError(
        path: path, message: "expected a safetensors file, found \(bytes.count) bytes")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length >= 2, length <= longestHeader, length <= bytes.count - 8 else {
      throw SafetensorsError(
        path: path,
        message: "expected a header of at most \(min(longestHeader, bytes.count - 8)) bytes, "
          + "found a length of \(length): no safetensors file, or one cut short")
    }
    let origin = 8 + Int(length)
    let text = UnsafeRawBufferPointer(rebasing: bytes[8..<origin])
    guard case .object(let members)? = try? JSON(parsing: text) else {
      throw SafetensorsError.wrongHeader(path: path)
    }
    return (members, origin)
  }

  /// The members of `__metadata__`, which are all texts.
  private static func texts(
    _ metadata: JSON, path: String
  ) throws(SafetensorsError) -> [String: String] {
    guard case .object(let members) = metadata else {
      throw SafetensorsError.wrongHeader(path: path)
    }
    var texts: [String: String] = [:]
    for (name, value) in members {
      guard let text = value.text else { throw SafetensorsError.wrongHeader(path: path) }
      texts[name] = text
    }
    return texts
  }

  /// Two tensors in the same bytes would be one.
  private static func checkOverlaps(
    of tensors: [String: Tensor], path: String
  ) throws(SafetensorsError) {
    let placed = tensors.filter { !$0.value.bytes.isEmpty }
      .sorted { $0.value.bytes.lowerBound < $1.value.bytes.lowerBound }
    for (first, second) in zip(placed, placed.dropFirst())
    where second.value.bytes.lowerBound < first.value.bytes.upperBound {
      throw SafetensorsError(
        path: path, message: "\(second.key): overlaps the bytes of \(first.key)")
    }
  }
}

extension SafetensorsFile.Tensor {
  /// Checks a member of the header against the format and the size of all tensors' bytes.
  fileprivate init(
    _ entry: JSON, name: String, size: Int, path: String
  ) throws(SafetensorsError) {
    func wrong(_ message: String) -> SafetensorsError {
      SafetensorsError(path: path, message: "\(name): \(message)")
    }
    guard let type = entry["dtype"]?.text, let shape = entry["shape"]?.integers,
      let offsets = entry["data_offsets"]?.integers
    else { throw SafetensorsError.wrongHeader(path: path) }
    guard let kind = SafetensorsFile.ElementKind(rawValue: type) else {
      throw wrong("expected elements F16, F32 or I8, found \"\(type)\"")
    }
    var bytes = kind.size
    for extent in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { throw wrong("the shape \(shape) is no tensor's") }
      bytes = product
    }
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
      throw wrong("the offsets \(offsets) are no range")
    }
    guard offsets[1] <= size else {
      throw wrong("ends at byte \(offsets[1]) of \(size): the file is cut short")
    }
    guard offsets[1] - offsets[0] == bytes else {
      throw wrong("expected \(bytes) bytes for shape \(shape), found offsets \(offsets)")
    }
    self.init(kind: kind, shape: shape, bytes: offsets[0]..<offsets[1])
  }
}

extension JSON {
  /// Its values if it is an array of whole numbers.
  fileprivate var integers: [Int]? {
    guard let list else { return nil }
    let integers = list.compactMap(\.integer)
    return integers.count == list.count ? integers : nil
  }
}

/// A file that is no safetensors file, or that can't be opened.
public struct SafetensorsError: Error, CustomStringConvertible {
  public let path: String
  public let message: String
  /// The system's error if the file can't be opened; nil if its content is wrong.
  public let cause: Errno?

  init(path: String, message: String, cause: Errno? = nil) {
    self.path = path
    self.message = message
    self.cause = cause
  }

  static func wrongHeader(path: String) -> SafetensorsError {
    SafetensorsError(
      path: path, message: "expected a JSON header that says where each tensor lies")
  }

  public var description: String { "\(path): \(message)" }
}
