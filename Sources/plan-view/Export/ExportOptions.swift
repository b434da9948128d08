import ArgumentParser
import CommandSupport

/// The options of a picture of the session, which replaces the view.
struct ExportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Draw a picture of the session into a file, .svg or .png, when the input ends.",
      valueName: "file"))
  var export: String?

  @Option(help: ArgumentHelp("The first bar of the picture of --export.", valueName: "bar"))
  var from: Int?

  @Option(help: ArgumentHelp("The last bar of the picture of --export.", valueName: "bar"))
  var to: Int?

  @Option(
    help: ArgumentHelp(
      "The width of a PNG in thousands of pixels, 0.25 to 8. (default: 2)", valueName: "n"))
  var scale: Double?

  mutating func validate() throws {
    let format = export.map(PictureFile.format)
    guard format != .some(nil) else {
      throw ValidationError("expected --export with a name that ends in .svg or .png")
    }
    if export == nil, from != nil || to != nil || scale != nil {
      throw ValidationError("--from, --to and --scale need --export")
    }
    for (option, bar) in [("--from", from), ("--to", to)] {
      guard bar.map((1...1_000_000).contains) ?? true else {
        throw ValidationError("expected \(option) 1 to 1000000, found \(bar ?? 0)")
      }
    }
    if let from, let to, from > to { throw ValidationError("expected --from no later than --to") }
    if let scale {
      guard format == .png else { throw ValidationError("--scale needs a .png file") }
      guard (0.25...8).contains(scale) else {
        throw ValidationError("expected --scale 0.25 to 8, found \(scale)")
      }
    }
  }

  /// Reads the stream to its end, or until a signal, and draws the picture.
  func run(_ path: String, stop: StopSignal) throws {
    let file = try PictureFile.open(path)
    let recorder = PictureRecorder(SessionHistory(from: from, to: to))
    var session = try ViewSession(
      input: try Input.open(stop: stop), stop: stop, outlet: Outlet(.standardOutput),
      view: recorder, framesPerSecond: 1)
    try session.run()
    let history = recorder.history
    guard !history.isEmpty else { throw nothing(history, isStopped: stop.isRaised) }
    let drawn = try file.write(history, scale: scale ?? 2)
    if let scale, drawn < scale {
      remark(
        "plan-view: the picture is drawn with --scale \(drawn), because a larger one has too many "
          + "pixels")
    }
    if history.isCutShort, let last = history.bars.last?.number, let end = history.lastBar {
      remark(
        "plan-view: the picture ends with bar \(last) of \(end), because it has grown too large: "
          + "choose other bars with --from and --to")
    }
  }

  private func nothing(_ history: SessionHistory, isStopped: Bool) -> Failure {
    if let from, let last = history.lastBar {
      return .usage("no bar \(from): the session has \(last)")
    }
    return Failure(
      "nothing to draw: nothing was played", status: isStopped ? .done : .badData)
  }
}
