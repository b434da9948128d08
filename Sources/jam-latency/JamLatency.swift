import ArgumentParser
import CommandSupport
import JSONText
import Music
import RealTime
import Records
import SystemPackage

struct JamLatency: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jam-latency",
    abstract: "Measure how late the tools are, on real ports.",
    discussion: "Starts midi-in, jam-agent and midi-out, and plays to them. See man jam-latency.",
    version: version)

  @Option(help: "How long each measurement takes, 1 to 3600.")
  var seconds = 10.0

  @Option(help: "Measure this alone: input, output or loop.")
  var only: Subject?

  @Flag(help: "Write the figures as JSON.")
  var json = false

  @Option(
    help: ArgumentHelp("Exit with 1 if an event took longer to midi-in's output.", valueName: "ms"))
  var limitInput: Double?

  @Option(help: ArgumentHelp("Exit with 1 if a committed note came later.", valueName: "ms"))
  var limitOutput: Double?

  @Option(
    help: ArgumentHelp("Exit with 1 if a note took longer through all tools.", valueName: "ms"))
  var limitLoop: Double?

  @Option(help: ArgumentHelp("The agent's hypotheses, in the loop.", valueName: "number"))
  var hypotheses: Int?

  mutating func validate() throws {
    guard 1...3600 ~= seconds else {
      throw ValidationError("expected --seconds 1 to 3600, found \(seconds)")
    }
    for (subject, limit) in limits {
      guard let limit else { continue }
      guard Microseconds(milliseconds: limit) != nil else {
        throw ValidationError("expected --limit-\(subject) in ms, 0 or more, found \(limit)")
      }
      if let only, only != subject {
        throw ValidationError("--only \(only) leaves out what --limit-\(subject) is for")
      }
    }
  }

  private var limits: [(Subject, Double?)] {
    [(.input, limitInput), (.output, limitOutput), (.loop, limitLoop)]
  }

  mutating func run() throws {
    let stop = try StopSignal.onSignals()
    MonotonicClock.reduceTimerSlack()
    var session = try LatencySession(
      duration: Microseconds(Int64(seconds * 1_000_000)), hypotheses: hypotheses, stop: stop)
    var measured: [Measurement] = []
    for subject in only.map({ [$0] }) ?? Subject.allCases where !stop.isRaised {
      let new = try session.measure(subject)
      measured += new
      if !json { try write(new.flatMap(\.lines)) }
    }
    if json {
      try write([JSON.object(measured.map { ($0.name, $0.json) }).description])
    }
    try check(measured, isWhole: !stop.isRaised)
  }

  /// Limits are not checked if the tool was stopped before the end.
  private func check(_ measured: [Measurement], isWhole: Bool) throws(Failure) {
    guard isWhole else { return }
    if let measurement = measured.first(where: { $0.times.isEmpty }) {
      throw .internalError("\(measurement.name): nothing came")
    }
    let complaints = measured.compactMap { measurement in
      limits.first { $0.0.rawValue == measurement.name }?.1
        .flatMap { Microseconds(milliseconds: $0) }
        .flatMap { measurement.complaint(limit: $0) }
    }
    guard complaints.isEmpty else {
      throw Failure(complaints.joined(separator: "; "), status: ExitStatus(rawValue: 1))
    }
  }

  private func write(_ lines: [String]) throws(Failure) {
    do {
      _ = try FileDescriptor.standardOutput.writeAll(
        lines.map { $0 + "\n" }.joined().utf8)
    } catch Errno.brokenPipe {
      throw .readerWentAway
    } catch {
      throw .io("write to standard output", error as? Errno ?? .ioError)
    }
  }
}
