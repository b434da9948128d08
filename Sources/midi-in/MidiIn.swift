import ArgumentParser
import CommandSupport
import Glibc
import MidiFile
import Music
import RealTime
import Records
import Sequencer
import SystemPackage

/// Turns a performance into a stream.
struct MidiIn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "midi-in",
    abstract: "Turn a performance into a stream of timed records.",
    discussion: "See midi-in(1) for what each option does, and jam-stream(5) for the records.",
    version: version)

  @Option(help: "A MIDI file or a recorded stream; - is standard input.")
  var input: String?
  @Flag(help: "Play on the keys of the terminal.")
  var keyboard = false
  @OptionGroup(title: "Ports")
  var ports: InputPortOptions
  @Option(help: "realtime or fast.")
  var pace = Pace.realtime
  @Option(help: "Play this many times as fast, 0.1 to 10.")
  var speed = 1.0
  @Option(help: "Play this many times, or forever.")
  var loop: Repeats?
  @Option(help: "The first bar played, or BAR:BEAT.")
  var from: BarBeat?
  @Option(help: "The last bar played, or BAR:BEAT.")
  var to: BarBeat?
  @Option(help: "Beats (quarter notes) a minute, 1 to 10000.")
  var tempo: Double?
  @Option(help: "The meter, as 6/8.")
  var meter: Meter?
  @Option(help: "Beats before the first bar line of the file.")
  var pickup: Double?
  @Option(help: "Bars of ticks before the first bar.")
  var countIn: Int?
  @Option(help: "Frame 0: the bar of the first note, or now.")
  var start: Start?
  @Option(help: "The channel to play, 1 to 16.")
  var channel: Channel?
  @Option(help: "The track to play: its number, or its name.")
  var track: TrackSelector?
  @Option(help: ArgumentHelp("List what a MIDI file has to choose from.", valueName: "file"))
  var listTracks: String?
  @Option(help: "Of notes at once: highest, lowest, last or all.")
  var voice: Voice?
  @Option(help: "Beats that a key's note lasts.")
  var hold: Double?
  @Flag(help: "Refuse MIDI files that break the standard.")
  var strict = false
  @Flag(name: [.customShort("R"), .customLong("realtime")], help: "Run before other programs.")
  var realtime = false

  mutating func validate() throws {
    try Validation.check(self)
  }

  mutating func run() throws {
    if ports.choice.list { return try ports.choice.writeList(for: .input) }
    let stop = try StopSignal.onSignals()
    if let listTracks { return try writeList(ofTracksIn: listTracks, stop) }
    if realtime, let advice = RealTimePriority.request() { Self.report(advice) }
    if keyboard {
      try playKeyboard(stop)
    } else if playsPorts {
      try playPorts(stop)
    } else {
      try playInput(stop)
    }
  }

  private func playKeyboard(_ stop: StopSignal) throws {
    let performance = KeyboardPerformance(
      liveHeader(source: "keyboard"), start: start ?? .note, countIn: countIn ?? 0,
      hold: hold ?? 1)
    var instrument = try TerminalKeyboard.open(channel: channel ?? Channel(1)!, performance)
    var session = LiveSession(stop: stop)
    try session.play(&instrument)
  }

  private func playPorts(_ stop: StopSignal) throws {
    let names = ports.names
    let name = ports.choice.clientName(of: "midi-in")
    let source = names.isEmpty ? name : names.map(\.description).joined(separator: ", ")
    let settings = PortSettings(
      start: start ?? .note, countIn: countIn ?? 0, channel: channel,
      isSynchronised: ports.sync != nil, tap: ports.tap, mappings: ports.map)
    var instrument = try PortInstrument.open(
      names, clientName: name, mayWait: ports.choice.wait,
      PortPerformance(liveHeader(source: source), settings), report: Self.report)
    var session = LiveSession(stop: stop)
    try session.play(&instrument)
  }

  private static func report(_ message: String) {
    remark("midi-in: \(message)")
  }

  private func liveHeader(source: String) -> Header {
    Header(
      tempo: tempo ?? 120, meter: meter ?? .fourFour, framesPerBeat: Tune.framesPerBeat,
      producer: Self.producer, source: source)
  }

  /// The ports that the environment names are used if the options name no input.
  fileprivate var playsPorts: Bool {
    if ports.choice.isGiven { return true }
    return input == nil && !keyboard && isatty(STDIN_FILENO) == 1 && !ports.names.isEmpty
  }

  private func playInput(_ stop: StopSignal) throws {
    var bytes = try InputBytes.open(input ?? "-", stop: stop)
    var player = TunePlayer(pace, stop: stop)
    switch try bytes.kind() {
    case .midiFile: try playMidiFile(&bytes, on: &player)
    case .stream:
      try Validation.checkStream(self, name: bytes.name)
      try Replay.play(&bytes, on: &player, speed: speed)
    case nil: break
    }
  }

  private func playMidiFile(_ input: inout InputBytes, on player: inout TunePlayer) throws {
    guard let bytes = try input.wholeMidiFile() else { return }
    let performance = try performance(of: bytes, name: input.name)
    for record in performance {
      guard try player.play(record) else { return try player.breakOff(reason: .stopped) }
    }
  }

  private func performance(of bytes: [UInt8], name: String) throws(Failure) -> TunePerformance {
    try Self.naming(name) {
      let reading = try TuneFile(bytes, isStrict: strict)
      let choice = try TrackChoice(reading.file, track: track, channel: channel)
      let tune = try Tune(reading.file, choice, tuneOptions)
      for remark in [reading.remark, choice.remark].compactMap(\.self) {
        Self.report("\(name.printable()): \(remark)")
      }
      return TunePerformance(tune, tuneOptions, producer: Self.producer, source: source)
    }
  }

  private func writeList(ofTracksIn path: String, _ stop: StopSignal) throws {
    var input = try InputBytes.open(path, stop: stop)
    guard try input.kind() != .stream else {
      throw Failure.usage("--list-tracks is for MIDI files, and \(path) is a recorded stream")
    }
    guard let bytes = try input.wholeMidiFile() else { return }
    let list = try Self.naming(input.name) {
      try PartList(TuneFile(bytes, isStrict: strict).file)
    }
    let text = ports.choice.json ? list.json : list.text
    _ = try? FileDescriptor.standardOutput.writeAll(text.utf8)
  }

  /// Reads a MIDI file. Its errors name the file.
  private static func naming<Result>(
    _ name: String, _ read: () throws -> Result
  ) throws(Failure) -> Result {
    do {
      return try read()
    } catch let error as MidiFileError {
      throw .badData(name, error.description)
    } catch TuneError.badData(let message) {
      throw .badData(name, message)
    } catch TuneError.usage(let message) {
      throw .usage("\(name): \(message)")
    } catch {
      throw .internalError("\(error)")
    }
  }

  private var tuneOptions: TuneOptions {
    TuneOptions(
      voice: voice ?? .highest, start: start ?? .note, from: from, to: to, tempo: tempo,
      meter: meter, pickup: pickup, speed: speed, repeats: loop ?? .times(1),
      countIn: countIn ?? 0)
  }

  private static var producer: String {
    "midi-in " + (version.split(separator: " ").last ?? "")
  }

  /// The file's base name.
  private var source: String {
    guard let input, input != "-" else { return "stdin" }
    return unicodeName(String(input.split(separator: "/").last ?? ""))
  }
}

/// Which options go together.
private enum Validation {
  static func check(_ command: MidiIn) throws {
    try check(0.1...10, command.speed, "--speed")
    try check(Limits.tempo, command.tempo, "--tempo")
    try check(Limits.tempo, command.tempo.map { $0 * command.speed }, "--tempo times --speed")
    try check(0.01...1000, command.hold, "--hold")
    try check(0...64, command.pickup, "--pickup")
    try check(0...100, command.countIn.map(Double.init), "--count-in")
    try command.ports.check(listsTracks: command.listTracks != nil)
    if command.listTracks != nil { return try checkListTracks(command) }
    if command.ports.choice.list { return }
    if command.playsPorts {
      try checkPorts(command)
    } else if command.keyboard {
      try checkKeyboard(command)
    } else if let option = command.ports.portOnly.first {
      throw ValidationError("\(option) is for --port and --virtual")
    } else if command.hold != nil {
      throw ValidationError("--hold is for --keyboard")
    } else if command.input == nil, isatty(STDIN_FILENO) == 1 {
      throw ValidationError("expected --input FILE, --port PORT, --virtual or --keyboard")
    }
  }

  private static func checkListTracks(_ command: MidiIn) throws {
    let others = [
      command.ports.choice.list ? "--list" : nil, command.input.map { _ in "--input" },
      command.keyboard ? "--keyboard" : nil, command.ports.choice.isGiven ? "ports" : nil,
    ]
    if let other = others.compactMap(\.self).first {
      throw ValidationError("--list-tracks and \(other) exclude each other")
    }
  }

  private static func checkKeyboard(_ command: MidiIn) throws {
    if command.input != nil { throw ValidationError("--keyboard and --input exclude each other") }
    if command.pace == .fast { throw ValidationError("--keyboard is played in real time") }
    if let option = command.ports.portOnly.first {
      throw ValidationError("\(option) is for --port and --virtual")
    }
    try checkLive(command)
  }

  private static func checkPorts(_ command: MidiIn) throws {
    if command.input != nil || command.keyboard {
      throw ValidationError("--input, --keyboard and ports exclude each other")
    }
    if command.pace == .fast { throw ValidationError("ports are played in real time") }
    if command.hold != nil { throw ValidationError("--hold is for --keyboard") }
    if command.ports.sync != nil, command.countIn ?? 0 > 0 {
      throw ValidationError("--sync and --count-in exclude each other")
    }
    if command.ports.tap != nil, command.countIn ?? 0 > 0 {
      throw ValidationError("--tap and --count-in exclude each other")
    }
    try checkLive(command)
  }

  private static func checkLive(_ command: MidiIn) throws {
    if let option = (command.fileOptions + command.speedOption).first {
      throw ValidationError("\(option) is for --input")
    }
  }

  /// A recording holds its own time and notes: what would make another performance of it is left to
  /// tools for JSON, which say exactly what they change.
  static func checkStream(_ command: MidiIn, name: String) throws(Failure) {
    if let option = (command.fileOptions + command.performanceOptions).first {
      throw .usage("\(option) is for MIDI files, and \(name) is a recorded stream")
    }
  }

  private static func check(
    _ range: ClosedRange<Double>, _ value: Double?, _ name: String
  ) throws {
    guard let value, !range.contains(value) else { return }
    throw ValidationError(
      "\(name) is \(value): expected \(range.lowerBound) to \(range.upperBound)")
  }
}

extension MidiIn {
  /// The options given that make sense for MIDI files only.
  fileprivate var fileOptions: [String] {
    [
      loop.map { _ in "--loop" }, from.map { _ in "--from" }, to.map { _ in "--to" },
      pickup.map { _ in "--pickup" }, track.map { _ in "--track" }, voice.map { _ in "--voice" },
      strict ? "--strict" : nil,
    ].compactMap(\.self)
  }

  /// The options given that make sense for MIDI files and instruments.
  fileprivate var performanceOptions: [String] {
    [
      tempo.map { _ in "--tempo" }, meter.map { _ in "--meter" },
      countIn.map { _ in "--count-in" }, start.map { _ in "--start" },
      channel.map { _ in "--channel" },
    ].compactMap(\.self)
  }

  fileprivate var speedOption: [String] { speed == 1 ? [] : ["--speed"] }
}
