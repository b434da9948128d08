import Chords
import Safetensors
import SystemPackage

/// A trained network as its file holds it: any number of players can play with one.
public final class Model: Sendable {
  public let configuration: Configuration
  public let vocabulary: ChordVocabulary
  /// Whether it learned to tell which chord sounds where it is told of no chords.
  public let hearsUntold: Bool
  let weights: Weights
  /// What networks calculate with.
  let kernels: Kernels

  private static let format = "jamline-accompanist"
  private static let version = "2"

  /// Maps the file, checks it, and takes out of it what is not used where it lies.
  public init(path: String, kernels: Kernels = .fastest) throws(ModelFileError) {
    self.kernels = kernels
    do {
      let file = try SafetensorsFile(path: path)
      (configuration, vocabulary) = try Self.description(of: file)
      hearsUntold = file.metadata["hears_untold"] == "true"
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
