import Chords

/// A major or minor key.
public struct MusicalKey: Hashable, Sendable {
  /// The tonic as the key is written: the key of G flat is not that of F sharp.
  public let tonic: NoteName
  /// Whether the key is minor.
  public let isMinor: Bool

  /// The key with the fewer accidentals: Db major, C# minor. Of those with six, F# major and
  /// Eb minor.
  public init(tonic: PitchClass, isMinor: Bool) {
    let minorsWithSharps = PitchClassSet([1, 8].map(PitchClass.init(semitonesAboveC:)))
    let usual = NoteName(tonic)
    self.tonic = isMinor && minorsWithSharps.contains(tonic) ? usual.enharmonic : usual
    self.isMinor = isMinor
  }

  /// C major: how chords are written while no key is known.
  public static let cMajor = MusicalKey(tonic: PitchClass(semitonesAboveC: 0), isMinor: false)

  /// Reads `C`, `F#m` or `Bb minor`; nil where the text is no key. A key of more than seven
  /// accidentals is read as the one that sounds the same: Db minor as C# minor.
  public init?(_ text: String) {
    let parts = text.split(separator: " ")
    let mode = parts.dropFirst().first ?? ""
    guard parts.count <= 2, ["", "major", "minor"].contains(mode), let name = parts.first,
      let chord = (try? ChordSymbol(String(name)))?.chord, chord.bass == nil,
      [ChordQuality(third: .major), ChordQuality(third: .minor)].contains(chord.quality)
    else { return nil }
    isMinor = chord.quality.third == .minor || mode == "minor"
    let sharps = chord.root.fifths - (isMinor ? 3 : 0)
    tonic = -7...7 ~= sharps ? chord.root : chord.root.enharmonic
  }

  /// The sharps of the key signature; flats are negative.
  public var sharps: Int { tonic.fifths - (isMinor ? 3 : 0) }

  /// The major key with the same notes.
  public var relativeMajor: PitchClass {
    isMinor ? tonic.pitchClass.transposed(by: 3) : tonic.pitchClass
  }

  /// The key so many semitones above, with the fewer accidentals; unchanged for whole octaves.
  public func transposed(by semitones: Int) -> MusicalKey {
    semitones.isMultiple(of: 12)
      ? self : MusicalKey(tonic: tonic.pitchClass.transposed(by: semitones), isMinor: isMinor)
  }

  /// `Bb major`, `C# minor`.
  public var name: String { "\(tonic) \(isMinor ? "minor" : "major")" }
}
