import ArgumentParser
import CommandSupport
import Music

struct JamTee: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jam-tee",
    abstract: "Pass a stream on, and copy it to branches that can never hold it up.",
    discussion: "Copies standard input to standard output and to each file. See man jam-tee.",
    version: version)

  @Argument(help: "Files, named pipes or process substitutions that each get a copy.")
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "Room for the lines of a branch that lags, in KiB, 64 to 1048576.", valueName: "kib")
  )
  var queue = 1024

  @Option(
    help: ArgumentHelp(
      "The time that branches have at the end to take the rest, 0 to 60.", valueName: "seconds"))
  var drain = 1.0

  mutating func validate() throws {
    guard (64...1_048_576).contains(queue) else {
      throw ValidationError("expected --queue 64 to 1048576 KiB, found \(queue)")
    }
    guard (0...60).contains(drain) else {
      throw ValidationError("expected --drain 0 to 60 seconds, found \(drain)")
    }
  }

  mutating func run() throws {
    let stop = try StopSignal.onSignals()
    var branches: [Branch] = []
    for file in files {
      branches.append(try Branch(path: file, queue: BranchQueue(capacity: queue << 10), stop: stop))
    }
    var session = TeeSession(
      branches: branches, stop: stop, drainTimeout: Microseconds(Int64(drain * 1_000_000)))
    try session.run()
  }
}
