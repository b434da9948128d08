import ArgumentParser
import Music
import PortChoice

/// The options that say which ports of the sequencer midi-out plays to, and how.
struct OutputPortOptions: ParsableArguments {
  @OptionGroup var choice: PortChoice
  @Option(help: ArgumentHelp("Play later, or earlier if negative.", valueName: "ms"))
  var offset = 0.0
  @Option(
    help: ArgumentHelp(
      "The latency of a port, from event to sound: it is played to earlier. Repeatable.",
      valueName: "port=ms"))
  var latency: [PortLatency] = []
  @Flag(help: "Pass on what the person plays, as it is.")
  var through = false
  @Flag(help: "Send a MIDI clock.")
  var clock = false
  @Option(
    help: ArgumentHelp("Write counters to standard error at this period.", valueName: "seconds"))
  var stats: Double?
  @Flag(name: [.customShort("R"), .customLong("realtime")], help: "Run before other programs.")
  var realtime = false

  /// The ports that the options or the environment name.
  var names: [String] { choice.names(orIn: "ALSA_OUTPUT_PORTS") }

  /// The given options that only make sense with ports.
  var portOnly: [String] {
    choice.portOnly
      + [
        offset != 0 ? "--offset" : nil, latency.isEmpty ? nil : "--latency",
        through ? "--through" : nil, clock ? "--clock" : nil, stats.map { _ in "--stats" },
      ].compactMap(\.self)
  }

  func check() throws {
    try choice.check()
    guard -10_000...10_000 ~= offset else { throw ValidationError("--offset is -10000 to 10000") }
    if let stats, !(0.1...3600 ~= stats) { throw ValidationError("--stats is 0.1 to 3600") }
    for latency in latency where !names.contains(latency.port) {
      throw ValidationError("--latency: \(latency.port) is no --port")
    }
  }

  /// For each port, how much later than its time an event is sent; negative for earlier.
  var offsets: [Microseconds] {
    (names.isEmpty ? [""] : names).map { name in
      let latency = latency.last { $0.port == name }?.milliseconds ?? 0
      return Microseconds(Int64(((offset - latency) * 1000).rounded()))
    }
  }
}

/// The latency of a port, from an event to its sound: `FluidSynth=35`.
struct PortLatency: Hashable, Sendable, ExpressibleByArgument {
  let port: String
  let milliseconds: Double

  init?(argument: String) {
    guard let mark = argument.lastIndex(of: "="),
      let milliseconds = Double(argument[argument.index(after: mark)...]),
      0...10_000 ~= milliseconds
    else { return nil }
    port = String(argument[..<mark])
    self.milliseconds = milliseconds
  }
}
