import Foundation

/// The text of a file of the repository, named from its root.
public func repositoryFile(_ path: String) throws -> String {
  try String(contentsOf: ToolRunner.root.appending(path: path), encoding: .utf8)
}
