import ArgumentParser
import CommandSupport
import Records
import SystemPackage

struct MidiOut: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "midi-out",
    abstract: "Play what is committed in a stream: as MIDI files and as sound.",
    discussion: "See midi-out(1).",
    version: CommandSupport.version)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write a file: .mid, .wav, .flac or .ogg. Repeatable.", valueName: "file"),
    transform: Destination.init(path:))
  var output: [Destination] = []

  @Option(help: "Play in real time (realtime) or as fast as records come (fast).")
  var pace = Performance.Pace.fast

  @Option(help: ArgumentHelp("Drop notes that begin later, in real time.", valueName: "ms"))
  var late = 100

  @OptionGroup(title: "What plays")
  var parts: PartOptions

  @Option(help: ArgumentHelp("The sounds for audio files (.sf2, .sf3).", valueName: "file"))
  var soundfont: String?

  func validate() throws {
    if output.isEmpty { throw ValidationError("nothing to play to: name a file with --output") }
    guard 0...60_000 ~= late else { throw ValidationError("--late is 0 to 60000") }
    try parts.check()
  }

  func run() throws {
    let stop = try StopSignal.onSignals()
    let soundFont =
      output.contains(where: \.isAudio) ? try Destination.soundFont(named: soundfont) : ""
    let sinks = try output.map { destination in
      try destination.open(soundFont: soundFont, isLive: pace == .realtime)
    }
    var settings = parts.settings
    settings.lateLimit = Microseconds(Int64(late) * 1000)
    var input = try Input.open(stop: stop)
    var performance = Performance(pace: pace, settings: settings, sinks: sinks) { message in
      _ = try? FileDescriptor.standardError.writeAll("midi-out: \(message)\n".utf8)
    }
    try performance.run(&input, stop: stop)
  }
}

extension Performance.Pace: ExpressibleByArgument {}
