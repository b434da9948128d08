import CommandSupport
import Glibc
import SystemPackage
import Transformer

/// Where models are looked for: the folder of $JAMLINE_MODELS, the one that `make install` fills, and
/// the one in the source tree that the tool was built in.
struct ModelFolders {
  private let folders: [FilePath]
  private static let suffix = ".safetensors"

  /// - Parameters:
  ///   - chosen: the folder that comes first, if any.
  ///   - executable: the running tool, which tells where it was installed or built.
  init(chosen: String?, executable: FilePath?) {
    var folders = chosen.map { [FilePath($0)] } ?? []
    if var parent = executable?.removingLastComponent() {
      folders.append(parent.removingLastComponent().appending("share/jamline/models"))
      while let component = parent.lastComponent {
        parent.removeLastComponent()
        if component.string == ".build" { folders.append(parent.appending("Models")) }
      }
    }
    self.folders = folders
  }

  static func ofThisProcess() -> ModelFolders {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    // One byte is kept for the end of the string.
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    return ModelFolders(
      chosen: getenv("JAMLINE_MODELS").map { String(cString: $0) },
      executable: length > 0 ? FilePath(platformString: buffer) : nil)
  }

  /// Loads the model of a name, or of a path: what contains a slash or ends in `.safetensors`.
  func load(_ name: String, _ kernels: Kernels) throws(Failure) -> Model {
    let path = try path(of: name)
    do {
      return try Model(path: path.string, kernels: kernels)
    } catch {
      guard let cause = error.cause else {
        throw Failure("cannot use the model \(error)", status: .badData)
      }
      throw Failure.missingFile(path.string, cause)
    }
  }

  private func path(of name: String) throws(Failure) -> FilePath {
    guard !name.contains("/"), !name.hasSuffix(Self.suffix) else { return FilePath(name) }
    let candidates = folders.map { $0.appending(name + Self.suffix) }
    if let found = candidates.first(where: { access($0.string, R_OK) == 0 }) { return found }
    let looked = folders.map(\.string).joined(separator: ", ")
    throw Failure(
      "cannot find the model \"\(name)\": expected \(name)\(Self.suffix) in \(looked)",
      status: .missingFile)
  }
}
