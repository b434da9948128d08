import AgentSettings
import ArgumentParser
import CommandSupport
import Glibc
import Records
import SystemPackage
import Transformer

struct JamAgent: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jam-agent",
    abstract: "Listens to a stream and keeps planning the chords of the next bars.",
    discussion: "Reads a stream on standard input and passes it on, with its plans between.",
    version: version)

  @OptionGroup var settingOptions: SettingOptions

  @Option(help: "The implementation of the network's arithmetic. All give the same plans.")
  var backend = Backend.fastest

  @Flag(help: "Print the name and path of each model that is found, and exit.")
  var listModels = false

  @Flag(help: "When late, plan for the newest waiting tick only, and count the others as missed.")
  var live = false

  @Option(
    help: ArgumentHelp("Also take set records from this pipe or file.", valueName: "file"))
  var control: String?

  func validate() throws {
    if let conflict = settingOptions.settings.conflict { throw ValidationError(conflict) }
  }

  func run() throws {
    guard !listModels else {
      for (name, path) in ModelFolders.ofThisProcess().list() {
        print(name.printable() + "\t" + "\(path)".printable())
      }
      return
    }
    let stop = try StopSignal.onSignals()
    let agent = try Agent(settingOptions.settings) {
      [models = ModelFolders.ofThisProcess(), backend] name in
      try models.load(name, backend)
    }
    var session = AgentSession(
      agent: agent, isLive: live, control: try control.map { try ControlFile.open($0) },
      input: try Input.open(stop: stop), output: Output(stop: stop))
    try session.play()
  }
}

extension Backend: ExpressibleByArgument {
  public init?(argument: String) { self.init(named: argument) }

  public var defaultValueDescription: String { name }
  public static var allValueStrings: [String] { all.map(\.name) }
}
