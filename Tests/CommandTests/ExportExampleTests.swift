import Foundation
import TestSupport
import Testing

@Suite struct ExportExampleTests {
  private static let pictures = ["saints.svg", "greensleeves.svg"]

  @Test("the README shows the pictures that its commands make")
  func theReadmesPicturesAreWhatItsCommandsMake() throws {
    let readme = try repositoryFile("README.md")
    let blocks = readme.components(separatedBy: "```sh\n").dropFirst()
      .map { $0.components(separatedBy: "\n```")[0] }
    let commands = try #require(blocks.first { $0.contains("--export") })
    try ToolRunner.withTemporaryFolder { folder in
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent("Examples"),
        withDestinationURL: ToolRunner.root.appendingPathComponent("Examples"))
      let outcome = try ToolRunner.shell("set -e\n" + commands, folder: folder)
      #expect(outcome.status == 0, "\(outcome.error)")
      for name in Self.pictures {
        #expect(readme.contains("](docs/pictures/\(name))"))
        let shown = try Data(
          contentsOf: ToolRunner.root.appendingPathComponent("docs/pictures/\(name)"))
        let made = try Data(contentsOf: folder.appendingPathComponent(name))
        #expect(made == shown, "\(name): make it anew with the README's command")
        #expect(shown.count < 150_000)
      }
    }
  }
}
