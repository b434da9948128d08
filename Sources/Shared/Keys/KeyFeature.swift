import Chords

/// What a key finder hears: a note or the root of a chord, in a role. Each has a row of weights.
enum KeyFeature {
  /// A note of the melody, for as long as it sounds.
  case note
  case noteOnBarLine
  /// A note that begins on another beat.
  case noteOnBeat
  /// A note after which none begins for two beats.
  case longNote
  case firstNote
  /// A note so many semitones above the note before, 0 to 11.
  case step(Int)
  /// The root of a chord, for as long as it sounds.
  case chord(ChordKind)
  /// The root of the first chord.
  case firstChord(ChordKind)
  /// The root of the first chord, if others chose it to fit a melody.
  case lateFirstChord(ChordKind)

  /// The weight, in hundredths of a nat, of a key in which the note is so many semitones above the
  /// tonic: how much likelier the key becomes, in a beat or at once.
  func weight(degree: Int, isMinor: Bool) -> Int {
    Int(KeyWeights.rows[(2 * row + (isMinor ? 1 : 0)) * 12 + degree])
  }

  private var row: Int {
    switch self {
    case .note: 0
    case .noteOnBarLine: 1
    case .noteOnBeat: 2
    case .longNote: 3
    case .firstNote: 4
    case .step(let semitones): 5 + semitones
    case .chord(let kind): 17 + kind.rawValue
    case .firstChord(let kind): 25 + kind.family
    case .lateFirstChord(let kind): 29 + kind.family
    }
  }
}

extension ChordKind {
  /// Major, dominant, minor or diminished: 0 to 3.
  fileprivate var family: Int {
    switch self {
    case .major, .majorSeventh, .suspended: 0
    case .dominant: 1
    case .minor, .minorSeventh: 2
    case .halfDiminished, .diminished: 3
    }
  }
}
