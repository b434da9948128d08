import Chords

/// A major or minor key.
struct MusicalKey: Hashable {
  var tonic: PitchClass
  var isMinor: Bool

  /// Reads `C`, `F#m` or `Bb minor`; nil where the text is no key.
  init?(_ text: String) {
    let parts = text.split(separator: " ")
    let mode = parts.dropFirst().first ?? ""
    guard parts.count <= 2, ["", "major", "minor"].contains(mode), let name = parts.first,
      let chord = (try? ChordSymbol(String(name)))?.chord, chord.bass == nil,
      [ChordQuality(third: .major), ChordQuality(third: .minor)].contains(chord.quality)
    else { return nil }
    tonic = chord.root.pitchClass
    isMinor = chord.quality.third == .minor || mode == "minor"
  }

  init(tonic: PitchClass, isMinor: Bool) {
    self.tonic = tonic
    self.isMinor = isMinor
  }

  /// The major key with the same notes.
  var relativeMajor: PitchClass { isMinor ? tonic.transposed(by: 3) : tonic }

  func transposed(by semitones: Int) -> MusicalKey {
    MusicalKey(tonic: tonic.transposed(by: semitones), isMinor: isMinor)
  }

  /// The name with the fewer accidentals: `Bb major`, `C# minor`.
  var name: String {
    let sharpMinors = [1: "C#", 8: "G#"]
    let usual = "\(NoteName(tonic))"
    let tonic = isMinor ? sharpMinors[Int(self.tonic.rawValue)] ?? usual : usual
    return "\(tonic) \(isMinor ? "minor" : "major")"
  }
}

/// Guesses the key from how long each pitch class sounded: the key whose profile correlates best
/// with these durations (the Krumhansl-Schmuckler algorithm: C. L. Krumhansl, Cognitive Foundations
/// of Musical Pitch, Oxford University Press 1990, chapter 4). The profiles are those of C. L.
/// Krumhansl and E. J. Kessler, "Tracing the dynamic changes in perceived tonal organization in a
/// spatial representation of musical keys", Psychological Review 89 (1982), 334-368.
struct KeyGuess {
  /// Nil until four different pitch classes have sounded.
  private(set) var key: MusicalKey?

  private static let major = [
    6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88,
  ]
  private static let minor = [
    6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17,
  ]
  /// How many pitch classes must have sounded before a key is guessed.
  private static let fewest = 4
  /// By how much another key must correlate better to replace the present one, so that the screen
  /// does not flicker.
  private static let margin = 0.06

  /// Guesses again, from the notes of the last bars at a position in frames.
  mutating func consider(_ notes: [PlayedNote], at position: Double) {
    var durations = [Double](repeating: 0, count: 12)
    for note in notes {
      durations[Int(note.pitch.rawValue) % 12] += max(0, (note.to ?? position) - note.from)
    }
    guard durations.count(where: { $0 > 0 }) >= Self.fewest else { return }
    var best: (key: MusicalKey, correlation: Double)?
    for number in 0..<24 {
      let key = MusicalKey(tonic: PitchClass(semitonesAboveC: number), isMinor: number >= 12)
      let correlation = Self.correlation(durations, key) + (key == self.key ? Self.margin : 0)
      if correlation > best?.correlation ?? -2 { best = (key, correlation) }
    }
    key = best?.key
  }

  /// Pearson's correlation of the durations with a key's profile.
  private static func correlation(_ durations: [Double], _ key: MusicalKey) -> Double {
    let profile = key.isMinor ? minor : major
    let durationMean = durations.reduce(0, +) / 12
    let profileMean = profile.reduce(0, +) / 12
    var (product, ownSquares, otherSquares) = (0.0, 0.0, 0.0)
    for number in 0..<12 {
      let own = durations[(number + Int(key.tonic.rawValue)) % 12] - durationMean
      let other = profile[number] - profileMean
      product += own * other
      ownSquares += own * own
      otherSquares += other * other
    }
    let norm = (ownSquares * otherSquares).squareRoot()
    return norm > 0 ? product / norm : 0
  }
}
