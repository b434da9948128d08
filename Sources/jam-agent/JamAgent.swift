import AgentSettings
import ArgumentParser
import CommandSupport
import Glibc
import SystemPackage
import Transformer

struct JamAgent: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jam-agent",
    abstract: "Listens to a stream and keeps planning the chords of the next bars.",
    discussion: "Reads a stream on standard input and passes it on, with its plans between.",
    version: version)

  @Option(help: "How far plans reach, in beats: 0.25 to 8.")
  var lookahead = Settings().lookahead

  @Option(help: "How much of a plan is promised, in beats: 0 to the lookahead.")
  var commit = Settings().commit

  @Option(
    help: "How much may be promised in all where the minds are sure, in beats: 0 to the lookahead.")
  var commitUpTo = Settings().commitUpTo

  @Option(help: "How sure they must be of that, as plans tell confidence: 0 to 1.")
  var sure = Settings().sure

  @Option(help: "Beats to listen from the first note on before playing: 0 to 64.")
  var silence = Settings().silence

  @Option(help: "Boldness of the choice of chords: 0 to 3.")
  var temperature = Settings().temperature

  @Option(help: "Choose from the likeliest chords that share this much probability: 0.01 to 1.")
  var topP = Settings().topP

  @Option(help: "How many explanations of what is heard are held: 1 to 64.")
  var hypotheses = Settings().hypotheses

  @Option(help: "What the ears, which know the melody alone, have of all votes: 0 to 1.")
  var ear = Settings().ear

  @Option(help: "Other seeds make other plans; the same one makes the same.")
  var seed = Settings().seed

  @Option(help: "The name or the path of the model.")
  var model = Settings().model

  @Option(help: "What it calculates with. The plans are the same with all.")
  var kernels = Kernels.fastest

  @Flag(help: "Print the names of the models that are found, and the paths, and exit.")
  var listModels = false

  @Flag(help: "When late, plan for the newest of the waiting ticks only, and count the others.")
  var live = false

  @Option(
    help: ArgumentHelp("Take set records from this pipe or file, too.", valueName: "file"))
  var control: String?

  func validate() throws {
    try check(lookahead, "--lookahead", Settings.lookaheadRange)
    try check(commit, "--commit", Settings.commitRange)
    try check(commitUpTo, "--commit-up-to", Settings.commitRange)
    try check(sure, "--sure", Settings.sureRange)
    try check(silence, "--silence", Settings.silenceRange)
    try check(temperature, "--temperature", Settings.temperatureRange)
    try check(topP, "--top-p", Settings.topPRange)
    try check(Double(hypotheses), "--hypotheses", Settings.hypothesesRange)
    try check(ear, "--ear", Settings.earRange)
    guard seed <= Settings.mostSeed else {
      throw ValidationError("expected 0 to \(Settings.mostSeed) for --seed, found \(seed)")
    }
    for (option, beats) in [("--commit", commit), ("--commit-up-to", commitUpTo)]
    where beats > lookahead {
      throw ValidationError(
        "\(option) \(beats) beats is more than --lookahead \(lookahead): only what is planned "
          + "can be promised")
    }
  }

  func run() throws {
    guard !listModels else {
      for (name, path) in ModelFolders.ofThisProcess().list() { print("\(name)\t\(path)") }
      return
    }
    let stop = try StopSignal.onSignals()
    let agent = try Agent(settings) { [models = ModelFolders.ofThisProcess(), kernels] name in
      try models.load(name, kernels)
    }
    var session = Session(
      agent: agent, isLive: live, control: try control.map { try ControlFile.open($0) },
      input: try Input.open(stop: stop), output: Output(stop: stop))
    try session.play()
  }

  private var settings: Settings {
    Settings(
      lookahead: lookahead, commit: commit, commitUpTo: commitUpTo, sure: sure, silence: silence,
      temperature: temperature, topP: topP, seed: seed, hypotheses: hypotheses, ear: ear,
      model: model)
  }

  private func check(
    _ value: Double, _ option: String, _ range: ClosedRange<Double>
  ) throws {
    guard range.contains(value) else {
      throw ValidationError(
        "expected \(range.lowerBound) to \(range.upperBound) for \(option), found \(value)")
    }
  }
}

extension Kernels: ExpressibleByArgument {
  public init?(argument: String) { self.init(named: argument) }

  public var defaultValueDescription: String { name }
  public static var allValueStrings: [String] { all.map(\.name) }
}
