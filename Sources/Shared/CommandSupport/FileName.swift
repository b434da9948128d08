import Glibc
import SystemPackage

/// File names in strings. The system's names are bytes, often but not always UTF-8. A byte that is
/// not UTF-8 stands in a string as a character of a private range, so that no byte is lost.
enum FileName {
  private static let firstEscape: UInt32 = 0x10FE00

  /// The character that stands for a byte.
  private static func escape(_ byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(firstEscape + UInt32(byte))!
  }

  /// The byte for which a character stands, if it does.
  private static func escapedByte(_ scalar: Unicode.Scalar) -> UInt8? {
    guard scalar.value >= firstEscape else { return nil }
    return UInt8(exactly: scalar.value - firstEscape)
  }

  /// The string for the bytes of a name.
  static func text(of bytes: some Collection<UInt8>) -> String {
    let bytes = Array(bytes)
    var text = String.UnicodeScalarView()
    var place = 0
    while place < bytes.count {
      let lengths = 1...min(4, bytes.count - place)
      let character = lengths.lazy.compactMap {
        String(validating: bytes[place..<place + $0], as: UTF8.self)?.unicodeScalars.first
      }.first
      if let character, escapedByte(character) == nil {
        text.append(character)
        place += UTF8.width(character)
      } else {
        text.append(escape(bytes[place]))
        place += 1
      }
    }
    return String(text)
  }

  /// The bytes of a text that may contain names.
  static func bytes(of text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar in
      escapedByte(scalar).map { [$0] } ?? Array(String(scalar).utf8)
    }
  }

  /// A text that may contain names as Unicode: bytes that are not UTF-8 are taken for Latin-1.
  static func unicode(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          guard let byte = escapedByte(scalar) else { return scalar }
          return byte >= 0xA0 ? Unicode.Scalar(byte) : "\u{FFFD}"
        }))
  }

  /// The arguments of the process, without the first. `CommandLine.arguments` repairs what is not
  /// UTF-8, and then names no file.
  static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { word in
        text(of: UnsafeRawBufferPointer(start: word, count: strlen(word)))
      }
    }
  }
}

extension FilePath {
  /// The path of a name that was an argument, or part of one.
  public init(name: String) {
    let units = FileName.bytes(of: name).map { CInterop.PlatformChar(bitPattern: $0) } + [0]
    self = units.withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
  }

  /// The name of this path, as in an argument.
  public var name: String {
    withPlatformString { FileName.text(of: UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
  }
}

/// A name of an argument as Unicode, for records: bytes that are not UTF-8 are taken for Latin-1.
public func unicodeName(_ name: String) -> String { FileName.unicode(name) }
