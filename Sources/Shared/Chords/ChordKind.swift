/// What the third, the fifth and the seventh make of a chord. That decides what the chord may do in
/// a key.
public enum ChordKind: Int, CaseIterable, Sendable {
  /// A major triad, or an augmented one.
  case major
  /// A major chord with a sixth or a major seventh.
  case majorSeventh
  /// A major chord with a minor seventh.
  case dominant
  /// A minor chord without a minor seventh.
  case minor
  /// A minor chord with a minor seventh.
  case minorSeventh
  /// A diminished triad with a minor seventh.
  case halfDiminished
  /// A diminished triad, or a diminished seventh chord.
  case diminished
  /// A chord without a third.
  case suspended
}

extension ChordQuality {
  /// What kind of chord it makes.
  public var kind: ChordKind {
    switch third {
    case .major:
      return switch seventh {
      case .minor: .dominant
      case .major, .sixth: .majorSeventh
      case .absent, .diminished: .major
      }
    case .minor:
      let isDiminished = tones.contains(.flatFifth) && !tones.contains(.fifth)
      if seventh == .minor { return isDiminished ? .halfDiminished : .minorSeventh }
      return isDiminished ? .diminished : .minor
    case .suspendedSecond, .suspendedFourth, .absent: return .suspended
    }
  }
}
