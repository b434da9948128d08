import ArgumentParser
import CommandSupport
import Glibc
import SystemPackage

struct PlanView: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan-view",
    abstract: "Show what an agent plays now and plans to play next.",
    discussion: "Reads a stream (man 5 jam-stream) on standard input. See man plan-view.",
    version: version)

  @OptionGroup var screen: ScreenOptions
  @OptionGroup var picture: ExportOptions
  @OptionGroup var browser: BrowserOptions

  mutating func validate() throws {
    if picture.export != nil, browser.listen != nil {
      throw ValidationError(
        "--export draws after the end and --listen shows what comes: use one of them")
    }
  }

  mutating func run() throws {
    let stop = try StopSignal.onSignals()
    if let path = picture.export { return try picture.run(path, stop: stop) }
    let terminal = ScreenTerminal(.standardOutput, environment: environmentValue)
    var session = try ViewSession(
      input: try Input.open(stop: stop), stop: stop, outlet: terminal.outlet(),
      view: screen.view(on: terminal, readsRecording: isFile(.standardInput)),
      options: screen.viewOptions, framesPerSecond: screen.fps,
      audience: try browser.audience(screen.viewOptions))
    try session.run()
  }
}

private func environmentValue(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}
