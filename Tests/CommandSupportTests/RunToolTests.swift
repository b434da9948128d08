import ArgumentParser
import Glibc
import SystemPackage
import Testing

@testable import CommandSupport

/// A tool that ends as its argument says.
private struct Example: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "example", version: version)

  @Option var end = "done"
  @Option var count = 0

  func run() throws {
    switch end {
    case "bad-data": throw Failure.badData("<stdin>", line: 17, "expected a pitch")
    case "reader-went-away": throw Failure.readerWentAway
    case "errno": throw Errno.ioError
    case "validation": throw ValidationError("the count is odd")
    case "exit-code": throw ExitCode(69)
    case "other": throw CancellationError()
    case "broken-pipe":
      let pipe = try FileDescriptor.pipe()
      try pipe.readEnd.close()
      var output = Output(pipe.writeEnd)
      while true { try output.write(.init(time: .zero, event: .tick(.init(0)))) }
    default: break
    }
  }
}

@Suite struct RunToolTests {
  @Test(
    "a negative number is the value of the option before it",
    arguments: [
      (["--offset", "-100", "-R"], ["--offset=-100", "-R"]),
      (["--count", "-0.5"], ["--count=-0.5"]),
      (["--count=1", "-2"], ["--count=1", "-2"]), (["-x", "-2"], ["-x", "-2"]), (["-3"], ["-3"]),
      (["--end", "-inf"], ["--end", "-inf"]), (["--", "--end", "-1"], ["--", "--end", "-1"]),
    ])
  func joinsNegativeNumbers(arguments: [String], joined: [String]) {
    #expect(joiningNegativeNumbers(arguments) == joined)
  }

  @Test("control characters of a message are written out, and newlines stay")
  func messagesAreMadePrintable() {
    #expect(
      "a\u{1B}]0;x\u{7}\n\u{9B}é♭".printable(keepingNewlines: true) == #"a\u{1b}]0;x\u{7}"# + "\n"
        + #"\u{9b}é♭"#)
    #expect("a\nb".printable() == #"a\u{a}b"#)
  }

  @Test(
    "gives each ending of a command its exit status",
    arguments: [
      ("done", 0, ""),
      ("bad-data", 65, "example: <stdin>:17: expected a pitch"),
      ("reader-went-away", 0, ""),
      ("errno", 74, "example: Input/output error"),
      ("exit-code", 69, ""),
      ("other", 70, "example: CancellationError()"),
    ] as [(String, Int32, String)])
  func endingsHaveTheirStatuses(end: String, status: Int32, message: String) {
    let ending = ending(of: Example.self, arguments: ["--end", end])
    #expect(ending == Ending(status: ExitStatus(rawValue: status), message: message))
  }

  @Test(
    "exits with 64 for wrong usage",
    arguments: [
      (["--end", "validation"], "example: the count is odd\nUsage: example "),
      (["--count", "zz"], "example: The value 'zz' is invalid for '--count <count>'\n"),
      (["--tempo", "1"], "example: Unknown option '--tempo'\nUsage: example "),
      (["extra"], "example: Unexpected argument 'extra'\nUsage: example "),
    ])
  func wrongUsage(arguments: [String], start: String) {
    let ending = ending(of: Example.self, arguments: arguments)
    #expect(ending.status == .usage)
    #expect(!ending.isAnswer)
    #expect(ending.message.hasPrefix(start), "\(ending.message)")
  }

  @Test("exits with 0 after --help and --version")
  func helpAndVersion() {
    let help = ending(of: Example.self, arguments: ["--help"])
    #expect(help.status == .done)
    #expect(help.isAnswer)
    #expect(help.message.hasPrefix("USAGE: example "))
    #expect(
      ending(of: Example.self, arguments: ["--version"])
        == Ending(status: .done, message: "jamline 0.1.0", isAnswer: true))
  }

  @Test("exits with 0 after --experimental-dump-help")
  func descriptionOfTheOptions() {
    let dump = ending(of: Example.self, arguments: ["--experimental-dump-help"])
    #expect(dump.status == .done)
    #expect(dump.isAnswer)
    #expect(dump.message.hasPrefix("{"))
  }

  @Test("writes errors to standard error")
  func errorsGoToStandardError() async throws {
    let result = try #require(
      await #expect(
        processExitsWith: .exitCode(65),
        observing: [\.standardErrorContent, \.standardOutputContent]
      ) {
        runTool(Example.self, arguments: ["--end", "bad-data"])
      })
    let message = Array("example: <stdin>:17: expected a pitch\n".utf8)
    #expect(result.standardErrorContent.contains(message))
    #expect(!result.standardOutputContent.contains(message))
  }

  @Test("writes the version to standard output")
  func versionGoesToStandardOutput() async throws {
    let result = try #require(
      await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
        runTool(Example.self, arguments: ["--version"])
      })
    #expect(result.standardOutputContent.contains(Array("jamline 0.1.0\n".utf8)))
  }

  @Test("exits with 0 when the reader goes away")
  func aBrokenPipeIsSuccess() async {
    await #expect(processExitsWith: .exitCode(0)) {
      runTool(Example.self, arguments: ["--end", "broken-pipe"])
    }
  }
}
