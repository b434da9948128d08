import Foundation
import TestSupport
import Testing

/// The manual pages describe every option of the tools, and their examples work.
@Suite struct ManualTests {
  static let tools = [
    "midi-in", "jam-agent", "plan-view", "jam-tee", "midi-out", "jam-check", "jam-latency",
  ]

  private static func page(_ name: String) throws -> [String] {
    let path = ToolRunner.root.appendingPathComponent("man/\(name)")
    return try String(contentsOf: path, encoding: .utf8).components(separatedBy: "\n")
  }

  @Test(
    "mandoc finds nothing to warn of in a page",
    arguments: tools.map { $0 + ".1" } + ["jam-stream.5"])
  func isWellFormed(page: String) throws {
    let outcome = try ToolRunner.shell("mandoc -T lint -W warning man/\(page)")
    #expect(outcome.status == 0, "\(outcome.text)")
  }

  /// In a page, an option is `.It Fl -name` or `.It Fl -name Ar value`.
  @Test("a page describes all options of its tool, and no others", arguments: tools)
  func describesOptions(tool: String) throws {
    let options = try Self.arguments(of: tool).flatMap { $0.names ?? [] }
      .filter { $0.kind == "long" }.map(\.name)
    let described = try Self.page("\(tool).1").filter { $0.hasPrefix(".It Fl") }
      .flatMap { $0.split(separator: " ") }.filter { $0.hasPrefix("-") }.map { $0.dropFirst() }
    #expect(Set(described.map(String.init)) == Set(options))
  }

  /// The number is within the option's range or not, but it is no option of its own.
  @Test("an option takes a negative number as its value", arguments: tools)
  func optionsTakeNegativeNumbers(tool: String) throws {
    let options = try Self.arguments(of: tool).filter { $0.kind == "option" }
      .compactMap { $0.names?.first { $0.kind == "long" }?.name }
    #expect(!options.isEmpty || ["jam-check", "jam-tee"].contains(tool))
    try ToolRunner.withTemporaryFolder { folder in
      for option in options {
        let outcome = try ToolRunner.shell("\(tool) --\(option) -2 < /dev/null", folder: folder)
        #expect(!outcome.error.contains("Missing value"), "\(tool) --\(option) -2")
        #expect(!outcome.error.contains("Unknown option"), "\(tool) --\(option) -2")
      }
    }
  }

  private static func arguments(of tool: String) throws -> [Description.Command.Argument] {
    let help = try ToolRunner.shell("\(tool) --experimental-dump-help")
    #expect(help.status == 0)
    return try JSONDecoder().decode(Description.self, from: help.output).command.arguments
  }

  private struct Description: Decodable {
    struct Command: Decodable {
      struct Argument: Decodable {
        struct Name: Decodable {
          var kind: String
          var name: String
        }
        var kind: String
        var names: [Name]?
      }
      var arguments: [Argument]
    }
    var command: Command
  }

  /// The displays `.Bd -literal` in the section EXAMPLES are run. Those that are `-unfilled` need a
  /// person.
  @Test("the examples of a page work", arguments: tools)
  func examplesWork(tool: String) throws {
    let page = try Self.page("\(tool).1")
    let start = try #require(page.firstIndex(of: ".Sh EXAMPLES"))
    let section = page[(start + 1)...].prefix { !$0.hasPrefix(".Sh") }
    var (examples, example): ([String], [String]?) = ([], nil)
    for line in section {
      if line.hasPrefix(".Bd -literal") {
        example = []
      } else if line == ".Ed" {
        if let example { examples.append(example.joined(separator: "\n")) }
        example = nil
      } else {
        example?.append(line.replacingOccurrences(of: "\\e", with: "\\"))
      }
    }
    #expect(!examples.isEmpty)
    for example in examples {
      try ToolRunner.withTemporaryFolder { folder in
        let tunes = ToolRunner.root.appendingPathComponent("Examples")
        try FileManager.default.createSymbolicLink(
          at: folder.appendingPathComponent("Examples"), withDestinationURL: tunes)
        let outcome = try ToolRunner.shell(example, folder: folder)
        #expect(outcome.status == 0, "\(example)\n\(outcome.error)")
      }
    }
  }
}
