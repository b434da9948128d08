import FoundationEssentials
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
      switch entry {
      case .metadata(let fields): metadata = fields
      case .tensor(let description):
        tensors[name] = try description.checked(
          name: name, size: mapping.bytes.count - origin, path: path)
      }
    }
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
  ) throws(SafetensorsError) -> ([String: Entry], origin: Int) {
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
    do {
      let text = Data(bytes[8..<origin])
      return (try JSONDecoder().decode([String: Entry].self, from: text), origin)
    } catch {
      throw SafetensorsError(
        path: path, message: "expected a JSON header that says where each tensor lies")
    }
  }
}

extension SafetensorsFile {
  /// A member of the header.
  private enum Entry: Decodable {
    case metadata([String: String])
    case tensor(Description)

    init(from decoder: any Decoder) throws {
      self =
        decoder.codingPath.last?.stringValue == "__metadata__"
        ? .metadata(try [String: String](from: decoder))
        : .tensor(try Description(from: decoder))
    }
  }

  /// The header's description of a tensor, not checked yet.
  private struct Description: Decodable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    private enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }

    func checked(
      name: String, size: Int, path: String
    ) throws(SafetensorsError) -> Tensor {
      func wrong(_ message: String) -> SafetensorsError {
        SafetensorsError(path: path, message: "\(name): \(message)")
      }
      guard let kind = ElementKind(rawValue: dtype) else {
        throw wrong("expected elements F16, F32 or I8, found \"\(dtype)\"")
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
      return Tensor(kind: kind, shape: shape, bytes: offsets[0]..<offsets[1])
    }
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

  public var description: String { "\(path): \(message)" }
}
