import ArgumentParser
import PortChoice
import Sequencer

/// The options that say from which ports of the sequencer midi-in records, and how.
struct InputPortOptions: ParsableArguments {
  @OptionGroup var choice: PortChoice
  @Option(help: "Follow a clock: midi-clock.")
  var sync: Synchronisation?
  @Option(help: "Take the tempo from taps: notes, or a controller as cc64.")
  var tap: PortSettings.Tap?
  @Option(
    help: ArgumentHelp(
      "A controller that changes a setting, as cc74=temperature:0..2. Repeatable.",
      valueName: "cc=setting:low..high"))
  var map: [ControllerMapping] = []

  var names: [PortName] { choice.names(orIn: "ALSA_INPUT_PORTS").map { PortName($0) } }

  /// The given options that only make sense with ports.
  var portOnly: [String] {
    choice.portOnly
      + [
        sync.map { _ in "--sync" }, tap.map { _ in "--tap" }, map.isEmpty ? nil : "--map",
      ].compactMap(\.self)
  }

  /// - Parameter listsTracks: whether --list-tracks is given.
  func check(listsTracks: Bool) throws {
    try choice.check(otherList: ("--list-tracks", listsTracks))
    if sync != nil, tap != nil { throw ValidationError("--sync and --tap exclude each other") }
  }
}
