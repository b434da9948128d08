import ArgumentParser
import Music

/// The options that say which parts play, and how.
struct PartOptions: ParsableArguments {
  @Flag(help: "Play the person's notes, too.")
  var melody = false

  @Option(
    defaultAsFlag: PlayerSettings.Clicks.always, parsing: .next,
    help: "Click on every beat, another click on the bar line: always, or in the count-in.")
  var metronome: PlayerSettings.Clicks?

  @Option(help: ArgumentHelp("The metronome's channel, 1 to 16.", valueName: "n"))
  var metronomeChannel = 10

  @Option(help: "How chords are played: held, beats or bars.")
  var pattern = PlayerSettings.Pattern.held

  @Option(
    help: ArgumentHelp("Where the chords lie, E3-D5 or 52-74.", valueName: "low-high"),
    transform: Register.init)
  var register: Register?

  @Option(help: "The chords' sound, 0 to 127.")
  var program: Int = 4

  @Option(help: "The bass's sound, 0 to 127.")
  var bassProgram: Int = 32

  @Option(help: "The melody's sound, 0 to 127.")
  var melodyProgram: Int = 0

  @Option(help: "The chords' volume, 0 to 127.")
  var volume: Int = 90

  @Option(help: "The bass's volume, 0 to 127.")
  var bassVolume: Int = 100

  @Option(help: "The melody's volume, 0 to 127.")
  var melodyVolume: Int = 100

  @Option(help: "The velocity of chords and bass, 1 to 127.")
  var velocity: Int = 72

  /// Throws unless all numbers are in MIDI's ranges.
  func check() throws {
    let numbers = [
      ("--program", program), ("--bass-program", bassProgram),
      ("--melody-program", melodyProgram), ("--volume", volume), ("--bass-volume", bassVolume),
      ("--melody-volume", melodyVolume),
    ]
    for (name, value) in numbers where !(0...127 ~= value) {
      throw ValidationError("\(name) is 0 to 127")
    }
    guard 1...16 ~= metronomeChannel else {
      throw ValidationError("--metronome-channel is 1 to 16")
    }
    guard 1...127 ~= velocity else { throw ValidationError("--velocity is 1 to 127") }
  }

  /// The settings that the options ask for. `check()` must have passed.
  var settings: PlayerSettings {
    var settings = PlayerSettings()
    settings.chords = .init(program: UInt8(program), volume: UInt8(volume))
    settings.bass = .init(program: UInt8(bassProgram), volume: UInt8(bassVolume))
    if melody {
      settings.melody = .init(program: UInt8(melodyProgram), volume: UInt8(melodyVolume))
    }
    settings.metronome = metronome
    settings.metronomeChannel = Channel(metronomeChannel)!
    settings.velocity = Velocity(velocity)!
    if let register { settings.register = register.pitches }
    settings.pattern = pattern
    return settings
  }
}

extension PlayerSettings.Pattern: ExpressibleByArgument {}
extension PlayerSettings.Clicks: ExpressibleByArgument {}
