extension ChordQuality {
  /// The name of a bass as an interval above the root: G# below E7, Eb below Am7b5. Never with two
  /// accidentals: A below Cdim7.
  public func name(ofBass bass: PitchClass, above root: NoteName) -> NoteName {
    let steps = fifths(toBass: bass.semitones(above: root.pitchClass))
    let name = NoteName(fifths: root.fifths + steps)
    return abs(name.accidental) > 1 ? name.enharmonic : name
  }

  /// The steps on the line of fifths from the root to a bass, which is 0 to 11 semitones above it.
  public func fifths(toBass semitones: Int) -> Int {
    switch semitones {
    case 6 where tones.contains(.flatFifth): -6
    case 8 where tones.contains(.sharpFifth): 8
    case 9 where seventh == .diminished: -9
    default: Self.fifthsOfIntervals[semitones]
    }
  }

  /// On the line of fifths: of a unison, a flat second, a second and so on, to a major seventh.
  private static let fifthsOfIntervals = [0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5]
}
