import CommandSupport
import Glibc
import SystemPackage
import Transformer

/// Where models are looked for: the folder of $JAMLINE_MODELS, the one that `make install` fills,
/// and the one in the source tree that the tool was built in.
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
  func load(_ name: String, _ backend: Backend) throws(Failure) -> Model {
    let path = try path(of: name)
    do {
      return try Model(path: path.string, backend: backend)
    } catch {
      guard let cause = error.cause else {
        throw Failure("cannot use the model \(error)", status: .badData)
      }
      throw Failure.missingFile(path.string, cause)
    }
  }

  /// The models that a name loads, by name; each with the path that it would be loaded from.
  func list() -> [(name: String, path: FilePath)] {
    var found: [String: FilePath] = [:]
    for folder in folders {
      guard let directory = opendir(folder.string) else { continue }
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let file = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard file.hasSuffix(Self.suffix), file != Self.suffix else { continue }
        let name = String(file.dropLast(Self.suffix.count))
        found[name] = found[name] ?? folder.appending(file)
      }
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
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
