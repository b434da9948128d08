import ArgumentParser
import CommandSupport
import Glibc
import Records
import Sequencer
import SystemPackage

/// The options that say which ports of the sequencer are played on, and how that is taken.
struct PortOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Play on a port: its number or its name. Repeatable.", valueName: "port"))
  var port: [String] = []
  @Option(
    defaultAsFlag: "midi-in", parsing: .next,
    help: ArgumentHelp("Make a port that others connect to.", valueName: "name"))
  var virtual: String?
  @Flag(help: "List the ports that can be played on.")
  var list = false
  @Flag(help: "List them as JSON.")
  var json = false
  @Flag(help: "Wait for a port that is not there yet.")
  var wait = false
  @Option(help: "Follow a clock: midi-clock.")
  var sync: Synchronisation?
  @Option(help: "Take the tempo from taps: notes, or a controller as cc64.")
  var tap: PortSettings.Tap?
  @Option(
    help: ArgumentHelp(
      "A controller that changes a setting, as cc74=temperature:0..2. Repeatable.",
      valueName: "cc=setting:low..high"))
  var map: [ControllerMapping] = []

  /// Where an environment variable names ports: those of aplaymidi's kind.
  static let variable = "ALSA_INPUT_PORTS"

  /// Whether one of them is given that asks for ports.
  var isGiven: Bool { !port.isEmpty || virtual != nil }

  /// The ports that are named, on the command line or else in the environment.
  var names: [PortName] {
    if isGiven { return port.map { PortName($0) } }
    return Self.environment.map { PortName($0) }
  }

  static var environment: [String] {
    guard let value = getenv(variable).map({ String(cString: $0) }) else { return [] }
    return value.split(separator: ",").map { name in
      String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// Options that make sense with ports only.
  var portOnly: [String] {
    [
      wait ? "--wait" : nil, sync.map { _ in "--sync" }, tap.map { _ in "--tap" },
      map.isEmpty ? nil : "--map",
    ].compactMap(\.self)
  }

  func check() throws {
    if virtual != nil, !port.isEmpty {
      throw ValidationError("--port and --virtual exclude each other")
    }
    if virtual?.isEmpty ?? false { throw ValidationError("--virtual is an empty name") }
    if json, !list { throw ValidationError("--json is for --list") }
    if sync != nil, tap != nil { throw ValidationError("--sync and --tap exclude each other") }
    if virtual != nil, wait { throw ValidationError("--wait is for --port") }
  }
}
