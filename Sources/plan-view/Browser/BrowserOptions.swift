import ArgumentParser
import CommandSupport
import SystemPackage

/// The options of the page for browsers.
struct BrowserOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also serve the view to browsers, at a port, 0 for a free one, or address:port.",
      valueName: "address"))
  var listen: ListenAddress?

  @Option(
    help: ArgumentHelp(
      "Let browsers change settings, and write them to this pipe or file.", valueName: "file"))
  var control: String?

  func validate() throws {
    guard control == nil || listen != nil else {
      throw ValidationError("--control needs --listen, because browsers change the settings")
    }
  }

  /// Starts the server and prints its address; nil without `--listen`.
  func audience(_ options: ViewOptions) throws(Failure) -> Audience? {
    guard let listen else { return nil }
    var settings: SettingsFile?
    if let control { settings = try SettingsFile.open(control) }
    let audience = Audience(canSet: settings != nil, options: options)
    let server = try WebServer.start(listen, audience: audience, settings: settings)
    _ = try? FileDescriptor.standardError.writeAll("plan-view: \(server.url)\n".utf8)
    return audience
  }
}
