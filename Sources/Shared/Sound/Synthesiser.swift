import CSound
import Music
import Synchronization

/// FluidSynth without a sound card: it plays messages and renders samples.
///
/// The same calls give the same samples, bit for bit. A message takes effect at the next multiple
/// of 64 samples, which is 1.45 ms.
public struct Synthesiser: ~Copyable {
  /// Samples a second, for each channel.
  public static let sampleRate = 44_100

  let library: FluidSynthLibrary
  // They must outlive the synthesiser, which reads them.
  private let settings: SynthesiserSettings
  let handle: OpaquePointer
  /// Serialises starts: the first synthesiser of a process fills FluidSynth's tables, for which a
  /// second one would not wait.
  private static let starting = Mutex(())

  /// Starts a synthesiser with the sounds of a font (.sf2, .sf3).
  public static func open(soundFont path: String) throws(SoundError) -> Synthesiser {
    try SoundFont.check(path)
    let library = try FluidSynthLibrary.load()
    let settings = try SynthesiserSettings.open(library)
    var started: OpaquePointer?
    try starting.withLock { _ throws(SoundError) in
      started = try library.value("start FluidSynth") { $0.new_fluid_synth(settings.handle) }
    }
    let handle = started!
    let synthesiser = Synthesiser(library: library, settings: settings, handle: handle)
    try library.check("load the sound font \(path)") { $0.fluid_synth_sfload(handle, path, 1) }
    return synthesiser
  }

  private init(
    library: FluidSynthLibrary, settings: consuming SynthesiserSettings, handle: OpaquePointer
  ) {
    self.library = library
    self.settings = settings
    self.handle = handle
  }

  deinit {
    library.functions.delete_fluid_synth(handle)
  }

  /// Plays a message. FluidSynth refuses one that makes no difference, such as the end of a note
  /// that has died away: its result says nothing.
  public func play(_ message: ChannelMessage) {
    let functions = library.functions
    let channel = message.channel.index
    switch message {
    case .noteOn(let note):
      _ = functions.fluid_synth_noteon(
        handle, channel, Int32(note.pitch.rawValue), Int32(note.velocity.rawValue))
    case .noteOff(let note):
      _ = functions.fluid_synth_noteoff(handle, channel, Int32(note.pitch.rawValue))
    case .control(_, let controller, let value):
      _ = functions.fluid_synth_cc(
        handle, channel, Int32(min(controller, 127)), Int32(min(value, 127)))
    case .program(_, let program):
      _ = functions.fluid_synth_program_change(handle, channel, Int32(min(program, 127)))
    case .bend(_, let value):
      _ = functions.fluid_synth_pitch_bend(
        handle, channel, Int32(min(max(value + 8192, 0), 16_383)))
    }
  }

  /// Renders the next samples, left and right in turn. Full scale is -1 to 1; louder samples are
  /// not clipped.
  /// - Parameter samples: the number of samples for each channel.
  public func render(_ samples: Int, into buffer: inout [Float]) throws(SoundError) {
    let missing = 2 * samples - buffer.count
    if missing > 0 { buffer.append(contentsOf: repeatElement(0, count: missing)) }
    if missing < 0 { buffer.removeLast(-missing) }
    guard samples > 0 else { return }
    let result = buffer.withUnsafeMutableBufferPointer { buffer in
      library.functions.fluid_synth_write_float(
        handle, Int32(samples), buffer.baseAddress, 0, 2, buffer.baseAddress, 1, 2)
    }
    try library.check("render sound") { _ in result }
  }
}

extension Channel {
  fileprivate var index: Int32 { Int32(rawValue) - 1 }
}

/// The settings of a synthesiser.
private struct SynthesiserSettings: ~Copyable {
  let library: FluidSynthLibrary
  let handle: OpaquePointer

  static func open(_ library: FluidSynthLibrary) throws(SoundError) -> SynthesiserSettings {
    let handle = try library.value("start FluidSynth") { $0.new_fluid_settings() }
    let settings = SynthesiserSettings(library: library, handle: handle)
    for (name, value) in numbers {
      try library.check("set \(name)") { $0.fluid_settings_setnum(handle, name, value) }
    }
    for (name, value) in switches {
      try library.check("set \(name)") { $0.fluid_settings_setint(handle, name, value) }
    }
    return settings
  }

  deinit {
    library.functions.delete_fluid_settings(handle)
  }

  private static let numbers: [(String, Double)] = [
    ("synth.sample-rate", Double(Synthesiser.sampleRate)),
    // All parts together at their defaults peak at about half of full scale.
    ("synth.gain", 1),
    // A small room.
    ("synth.reverb.room-size", 0.4), ("synth.reverb.damp", 0.3),
    ("synth.reverb.width", 0.6), ("synth.reverb.level", 0.4),
  ]

  private static let switches: [(String, Int32)] = [
    ("synth.reverb.active", 1), ("synth.chorus.active", 0),
    // One thread renders and plays, so samples do not depend on how threads are scheduled.
    ("synth.cpu-cores", 1), ("synth.threadsafe-api", 0),
    ("synth.polyphony", 256), ("synth.lock-memory", 0),
  ]
}
