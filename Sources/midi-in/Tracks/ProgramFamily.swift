/// The families of General MIDI's programs, of eight programs each.
enum ProgramFamily: Int {
  case piano, chromaticPercussion, organ, guitar, bass, strings, ensemble, brass
  case reed, pipe, synthLead, synthPad, synthEffects, ethnic, percussive, soundEffects

  /// - Parameter program: 0 to 127.
  init(program: UInt8) { self = Self(rawValue: Int(program) / 8)! }

  /// The name that people read.
  var name: String {
    switch self {
    case .chromaticPercussion: "chromatic percussion"
    case .synthLead: "synth lead"
    case .synthPad: "synth pad"
    case .synthEffects: "synth effects"
    case .soundEffects: "sound effects"
    case .piano, .organ, .guitar, .bass, .strings, .ensemble, .brass, .reed, .pipe, .ethnic,
      .percussive:
      "\(self)"
    }
  }
}

extension Part {
  /// The family of its program; nil if the track sets none.
  var family: ProgramFamily? { program.map { ProgramFamily(program: $0) } }
}
