import Glibc
import SystemPackage

/// The names of temporary files beside a file: of `jam.mid`, `.jam.PROCESS-ATTEMPT.mid`.
struct TemporaryNames {
  private let start: String
  private let end: String

  init(_ name: FilePath.Component) {
    start = ".\(name.stem)."
    end = name.extension.map { ".\($0)" } ?? ""
  }

  /// The name for a process and the number of its attempt.
  func name(_ process: pid_t, _ attempt: Int) -> String { "\(start)\(process)-\(attempt)\(end)" }

  /// Removes the files in a folder whose process has ended: it was killed before it could.
  func removeLeftovers(in folder: FilePath) {
    let path = folder.isEmpty ? FilePath(".") : folder
    guard let entries = path.withPlatformString({ opendir($0) }) else { return }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      guard let process = process(of: name), kill(process, 0) != 0, errno == ESRCH else { continue }
      _ = path.appending(name).withPlatformString { unlink($0) }
    }
  }

  /// The process whose temporary file has a name; nil for the name of any other file.
  private func process(of name: String) -> pid_t? {
    guard name.hasPrefix(start), name.hasSuffix(end), name.count > start.count + end.count else {
      return nil
    }
    let parts = name.dropFirst(start.count).dropLast(end.count).split(separator: "-")
    guard parts.count == 2, let process = pid_t(parts[0]), process > 0, Int(parts[1]) != nil,
      self.name(process, Int(parts[1])!) == name
    else { return nil }
    return process
  }
}
