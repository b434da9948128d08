import Foundation
import TestSupport
import Testing

/// The commands in the documents work, and their links lead to files.
@Suite struct ReadmeTests {
  static let documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]

  private static func text(_ name: String) throws -> String {
    let file = ToolRunner.root.appendingPathComponent(name)
    return try String(contentsOf: file, encoding: .utf8)
  }

  /// The blocks that are marked `sh`. Those that are marked `console` need a person.
  private static func commands(_ name: String) throws -> [String] {
    try text(name).components(separatedBy: "\n```").enumerated()
      .filter { $0.offset % 2 == 1 && $0.element.hasPrefix("sh\n") }
      .map { String($0.element.dropFirst(3)) }
  }

  @Test("the commands in the README work")
  func readmeCommandsWork() throws {
    let commands = try Self.commands("README.md")
    #expect(commands.count >= 3)
    for command in commands {
      let (outcome, _) = try ExampleTests.shell("set -e\n" + command)
      #expect(outcome.status == 0, "\(command)\n\(outcome.error)")
    }
  }

  @Test("every link to a file leads to one", arguments: documents)
  func linksLeadToFiles(document: String) throws {
    for link in try Self.text(document).matches(of: /\]\(([^)#:]+)\)/).map(\.output.1) {
      let file = ToolRunner.root.appendingPathComponent(String(link))
      #expect(FileManager.default.fileExists(atPath: file.path), "\(link)")
    }
  }

  @Test("the README begins with what Jamline is, three bullets and the two main commands")
  func readmeBeginsWithCommands() throws {
    let top = try Self.text("README.md").components(separatedBy: "\n\n").prefix(4)
    try #require(top.count == 4)
    #expect(top[0].hasPrefix("# ") && top[1].first?.isLetter ?? false)
    #expect(top[2].split(separator: "\n").count { $0.hasPrefix("- ") } == 3)
    #expect(top[3].hasPrefix("```console\n$ make jam") && top[3].contains("\n$ make check"))
  }
}
