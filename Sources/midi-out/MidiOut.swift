import ArgumentParser
import CommandSupport
import Glibc
import Music
import RealTime
import Sequencer
import SystemPackage

struct MidiOut: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "midi-out",
    abstract: "Play what is committed in a stream: on ports, as MIDI files, as sound.",
    discussion: "See midi-out(1).",
    version: CommandSupport.version)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write a file: .mid, .wav, .flac or .ogg. Repeatable.", valueName: "file"),
    transform: Destination.init(path:))
  var output: [Destination] = []

  @OptionGroup(title: "Ports")
  var ports: OutputPortOptions

  @Option(help: "Play in real time (realtime) or as fast as records come (fast).")
  var pace: Playback.Pace?

  @Option(help: ArgumentHelp("Drop notes that begin later, in real time.", valueName: "ms"))
  var late = 100

  @OptionGroup(title: "What plays")
  var parts: PartOptions

  @Option(help: ArgumentHelp("The sounds for audio files (.sf2, .sf3).", valueName: "file"))
  var soundfont: String?

  func validate() throws {
    try ports.check()
    if ports.choice.list { return }
    if output.isEmpty, !playsPorts {
      throw ValidationError("nothing to play to: name a port with --port or a file with --output")
    }
    if playsPorts {
      if pace == .fast { throw ValidationError("ports are played to in real time") }
    } else if let option = ports.portOnly.first {
      throw ValidationError("\(option) is for --port and --virtual")
    }
    guard 0...60_000 ~= late else { throw ValidationError("--late is 0 to 60000") }
    try parts.check()
  }

  func run() throws {
    if ports.choice.list { return try ports.choice.writeList(for: .output) }
    let stop = try StopSignal.onSignals()
    let pace = playsPorts ? .realtime : pace ?? .fast
    let soundFont =
      output.contains(where: \.isAudio) ? try Destination.soundFont(named: soundfont) : ""
    var sinks = try output.map { destination in
      try destination.open(soundFont: soundFont, isLive: pace == .realtime)
    }
    var settings = parts.settings
    settings.lateLimit = Microseconds(Int64(late) * 1000)
    let livePorts = playsPorts ? try openPorts() : nil
    if let livePorts { sinks.append(livePorts.sink) }
    if ports.realtime, let advice = RealTimePriority.request() { Self.report(advice) }
    var input = try Input.open(stop: stop)
    var playback = Playback(
      pace: pace, settings: settings, sinks: sinks, ports: livePorts, report: Self.report)
    try playback.run(&input, stop: stop)
  }

  /// Ports that the environment names are played to if no option names a port or a file.
  private var playsPorts: Bool { ports.choice.isGiven || output.isEmpty && !ports.names.isEmpty }

  private func openPorts() throws(Failure) -> LivePorts {
    MonotonicClock.reduceTimerSlack()
    let signals = try PortSignals.listen()
    let sink = try PortSink(
      ports.names.map { PortName($0) }, offsets: ports.offsets,
      clientName: ports.choice.clientName(of: "midi-out"), mayWait: ports.choice.wait,
      report: Self.report)
    return LivePorts(
      sink, signals: signals, passesThrough: ports.through, sendsClock: ports.clock,
      statistics: ports.stats.map {
        PortStatistics(period: Microseconds(Int64($0 * 1_000_000)))
      })
  }

  private static func report(_ message: String) {
    remark("midi-out: \(message)")
  }
}

extension Playback.Pace: ExpressibleByArgument {}
