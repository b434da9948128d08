import Chords

/// A note as a degree of a scale: `b3`, `#4`.
public struct ScaleDegree: Hashable, Sendable {
  /// 1 for the tonic, to 7.
  public let number: Int
  /// Semitones above that note of the scale: −1 for a flat, 1 for a sharp.
  public let accidental: Int

  /// The degree at a place on the line of fifths, counted from the tonic of a major scale or of a
  /// natural minor one.
  init(place: Int, isMinor: Bool) {
    let lowest = isMinor ? -4 : -1
    // A fifth is four degrees up.
    number = (4 * place % 7 + 7) % 7 + 1
    accidental = Int((Double(place - lowest) / 7).rounded(.down))
  }

  /// The flats or sharps that come before the number.
  public var signs: String {
    String(repeating: accidental < 0 ? "b" : "#", count: abs(accidental))
  }
}

extension MusicalKey {
  /// The degrees of a chord's root and of its slash bass, if it has one.
  ///
  /// They are counted in the key's own scale, in minor the natural one, or in that of the relative
  /// major. The function of the chord decides between sharps and flats, as it does for its names.
  public func degrees(
    of chord: Chord, inRelativeMajor isRelative: Bool
  ) -> (root: ScaleDegree, bass: ScaleDegree?) {
    let root = place(ofRoot: chord.root.pitchClass, chord.quality.kind)
    func degree(_ place: Int) -> ScaleDegree {
      isRelative
        ? ScaleDegree(place: isMinor ? place + 3 : place, isMinor: false)
        : ScaleDegree(place: place, isMinor: isMinor)
    }
    let bass = chord.bass.map { bass in
      let semitones = bass.pitchClass.semitones(above: chord.root.pitchClass)
      return degree(root + chord.quality.fifths(toBass: semitones))
    }
    return (degree(root), bass)
  }
}
