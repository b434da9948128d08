import ArgumentParser
import CommandSupport
import Glibc

struct PlanView: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan-view",
    abstract: "Show what an agent plays now and plans to play next.",
    discussion: "Reads a stream (man 5 jam-stream) on standard input. See man plan-view.",
    version: version)

  enum Style: String, ExpressibleByArgument, CaseIterable {
    case chords, line
  }

  @Option(help: "chords: drawn in place; line: a line for each chord. (default: as the output can)")
  var style: Style?

  @Option(help: ArgumentHelp("Columns to draw in, 20 to 1000.", valueName: "columns"))
  var width: Int?

  @Option(help: ArgumentHelp("Draw at most this often a second, 1 to 240.", valueName: "n"))
  var fps = 30

  @OptionGroup var browser: BrowserOptions

  mutating func validate() throws {
    guard width.map((20...1000).contains) ?? true else {
      throw ValidationError("expected --width 20 to 1000, found \(width ?? 0)")
    }
    guard (1...240).contains(fps) else {
      throw ValidationError("expected --fps 1 to 240, found \(fps)")
    }
  }

  mutating func run() throws {
    let stop = try StopSignal.onSignals()
    let terminal = Terminal(.standardOutput, environment: environmentValue)
    let view = view(on: terminal)
    var session = Session(
      input: try Input.open(stop: stop), stop: stop, outlet: terminal.outlet(), view: view,
      framesPerSecond: fps, audience: try browser.audience())
    try session.run()
  }

  private func view(on terminal: Terminal) -> any View {
    let glyphs = terminal.isUTF8 ? Glyphs.unicode : .ascii
    switch style ?? (terminal.canRedraw ? .chords : .line) {
    case .line:
      return LineView(text: DisplayText(isASCII: !terminal.isUTF8), width: width)
    case .chords:
      let screen = ChordScreen(glyphs: glyphs, isStyled: terminal.canRedraw && terminal.isStyled)
      return terminal.canRedraw
        ? ScreenView(screen: screen, size: { terminal.size(columns: width) })
        : SnapshotView(screen: screen, columns: width ?? 80)
    }
  }
}

private func environmentValue(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}
