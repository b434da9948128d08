import Chords

/// Which tones of a chord the upper voices play; a tone that stands twice is doubled.
struct ToneChoice: Hashable, Sendable {
  static let fewestVoices = 3
  static let mostVoices = 4

  var tones: [PitchClass]
  /// Voices fewer than there should be.
  var missing = 0

  /// All choices for a chord over a bass. The bass has its tone: the others are above it, at most
  /// four, the dispensable ones left out first. Where that leaves fewer than three, some are doubled.
  static func all(for chord: Chord, bass: PitchClass) -> [ToneChoice] {
    let tones = tonesByWeight(of: chord)
    let others = Array(tones.filter { $0 != bass }.prefix(mostVoices))
    guard others.count < fewestVoices else { return [ToneChoice(tones: others)] }
    // The third is strong enough by itself.
    let doubled = tones.filter { isSteady($0, in: chord) || $0 == bass }
    var choices = [ToneChoice(tones: others, missing: fewestVoices - others.count)]
    for missing in (0..<fewestVoices - others.count).reversed() {
      choices += choices.filter { $0.missing == missing + 1 }.flatMap { choice in
        doubled.map { ToneChoice(tones: choice.tones + [$0], missing: missing) }
      }
    }
    return choices
  }

  /// The tones of a chord without its slash bass, those that make it what it is first.
  static func tonesByWeight(of chord: Chord) -> [PitchClass] {
    let root = chord.root.pitchClass
    return chord.quality.intervals.pitchClasses
      .map { interval in
        (tone: interval, weight: weight(of: Int(interval.rawValue), in: chord.quality))
      }
      .sorted { left, right in (right.weight, left.tone) < (left.weight, right.tone) }
      .map { root.transposed(by: Int($0.tone.rawValue)) }
  }

  /// How much a tone so many semitones above the root matters: the guide tones (third and seventh)
  /// most, then alterations, then extensions; the root, which the bass has, and the perfect fifth,
  /// which goes without saying, least.
  private static func weight(of interval: Int, in quality: ChordQuality) -> Int {
    let third: [ChordQuality.Third: Int] = [
      .major: 4, .minor: 3, .suspendedSecond: 2, .suspendedFourth: 5,
    ]
    let seventh: [ChordQuality.Seventh: Int] = [
      .sixth: 9, .diminished: 9, .minor: 10, .major: 11,
    ]
    if interval == third[quality.third] { return 9 }
    if interval == seventh[quality.seventh] { return 8 }
    switch interval {
    case 3, 8: return 7
    case 1, 6: return 6
    case 9: return 5
    case 2: return 4
    case 5: return 3
    case 0: return 2
    default: return 1
    }
  }

  /// Whether a tone is the root or a fifth.
  private static func isSteady(_ tone: PitchClass, in chord: Chord) -> Bool {
    [0, 6, 7, 8].contains(tone.semitones(above: chord.root.pitchClass))
  }
}
