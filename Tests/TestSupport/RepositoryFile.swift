import Foundation

/// The text of a file of the repository, named from its root.
public func repositoryFile(_ path: String) throws -> String {
  let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
  return try String(contentsOf: root.appending(path: path), encoding: .utf8)
}
