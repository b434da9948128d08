import Chords
import Safetensors
import SystemPackage

/// A trained network as read from its file. Any number of `Network`s can share one.
public final class Model: Sendable {
  public let configuration: Configuration
  public let vocabulary: ChordVocabulary
  /// Whether it was trained with chord dropout, so that it can predict chords from the melody
  /// alone.
  public let supportsMelodyOnly: Bool
  let weights: Weights
  /// The implementation of the arithmetic of its networks.
  let backend: Backend

  private static let format = "jamline-accompanist"
  private static let version = "2"

  /// Maps a model file into memory and checks it.
  ///
  /// Throws a `ModelFileError` if the file cannot be read, or is not a model of this format.
  public init(path: String, backend: Backend = .fastest) throws(ModelFileError) {
    self.backend = backend
    do {
      let file = try SafetensorsFile(path: path)
      (configuration, vocabulary) = try Self.description(of: file)
      // Models exported before the key was renamed say `hears_untold`.
      supportsMelodyOnly =
        (file.metadata["melody_only"] ?? file.metadata["hears_untold"]) == "true"
      weights = try Weights(file: file, configuration)
    } catch let error as SafetensorsError {
      throw ModelFileError(description: error.description, cause: error.cause)
    } catch {
      throw ModelFileError(description: "\(path): \(error)", cause: nil)
    }
  }

  private static func description(
    of file: SafetensorsFile
  ) throws(ModelError) -> (Configuration, ChordVocabulary) {
    let (format, version) = (file.metadata["format"], file.metadata["version"])
    guard format == Self.format, version == Self.version else {
      throw .wrongFormat(
        expected: "\(Self.format) version \(Self.version)",
        found: format.map { "\($0) version \(version ?? "none")" } ?? "no format")
    }
    do {
      let configuration = try Configuration(json: file.metadata["configuration"] ?? "")
      return (configuration, try ChordVocabulary(configuration.qualities))
    } catch let error as ConfigurationError {
      throw .wrongConfiguration(error.message)
    } catch {
      throw .wrongConfiguration("\(error)")
    }
  }
}

/// A model file that cannot be used.
public struct ModelFileError: Error, CustomStringConvertible {
  /// The file and what is wrong with it.
  public let description: String
  /// What the system said where it could not be opened; nil where its content is at fault.
  public let cause: Errno?
}

/// What is wrong with a model file's content.
enum ModelError: Error, CustomStringConvertible {
  case wrongFormat(expected: String, found: String)
  case wrongConfiguration(String)
  case missingTensor(String)
  case unexpectedTensor(String)
  case wrongShape(String, expected: [Int], found: [Int])
  case wrongElements(String, expected: String, found: SafetensorsFile.ElementKind)
  case notFinite(String)

  var description: String {
    switch self {
    case .wrongFormat(let expected, let found): "expected \(expected), found \(found)"
    case .wrongConfiguration(let message): message
    case .missingTensor(let name): "expected a tensor \"\(name)\", found none"
    case .unexpectedTensor(let name): "found a tensor \"\(name)\" that its configuration lacks"
    case .wrongShape(let name, let expected, let found):
      "\(name): expected shape \(expected), found \(found)"
    case .wrongElements(let name, let expected, let found):
      "\(name): expected elements \(expected), found \(found.rawValue)"
    case .notFinite(let name): "\(name): expected numbers, found infinity or none"
    }
  }
}
