import ArgumentParser
import CommandSupport

struct JamCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jam-check",
    abstract: "Check whether streams follow jam-stream(5).",
    discussion: "Prints each breach with its line, and a summary. See man jam-check.",
    version: version)

  @Argument(help: "Recordings to check; standard input if there are none, or for -.")
  var files: [String] = []

  @Flag(help: "Print JSON: a line for each breach, and one for each summary.")
  var json = false

  mutating func run() throws {
    let stop = try StopSignal.onSignals()
    var isClean = true
    for file in files.isEmpty ? ["-"] : files {
      var session = try CheckSession(CheckedInput.open(file, stop: stop), isJSON: json)
      if try !session.run() { isClean = false }
    }
    if !isClean { throw ExitCode(1) }
  }
}
