import Chords

/// A choice of the tones of a chord that the upper voices play. A tone that occurs twice is doubled.
struct ToneChoice: Hashable, Sendable {
  static let fewestVoices = 3
  static let mostVoices = 4

  var tones: [PitchClass]
  /// How many voices are missing from the fewest that there should be.
  var missing = 0

  /// All choices for a chord over a bass. The bass plays its own tone. The upper voices play at most four
  /// others, without the least important. If fewer than three are left, some are doubled.
  static func all(for chord: Chord, bass: PitchClass) -> [ToneChoice] {
    let tones = tonesByWeight(of: chord)
    let others = Array(tones.filter { $0 != bass }.prefix(mostVoices))
    guard others.count < fewestVoices else { return [ToneChoice(tones: others)] }
    // Thirds and sevenths are strong enough by themselves and are not doubled.
    let doubled = tones.filter { isSteady($0, in: chord) || $0 == bass }
    var choices = [ToneChoice(tones: others, missing: fewestVoices - others.count)]
    for missing in (0..<fewestVoices - others.count).reversed() {
      choices += choices.filter { $0.missing == missing + 1 }.flatMap { choice in
        doubled.map { ToneChoice(tones: choice.tones + [$0], missing: missing) }
      }
    }
    return choices
  }

  /// The tones of a chord without its slash bass, the most important first.
  static func tonesByWeight(of chord: Chord) -> [PitchClass] {
    let root = chord.root.pitchClass
    return chord.quality.intervals.pitchClasses
      .map { interval in
        (tone: interval, weight: weight(of: Int(interval.rawValue), in: chord.quality))
      }
      .sorted { left, right in (right.weight, left.tone) < (left.weight, right.tone) }
      .map { root.transposed(by: Int($0.tone.rawValue)) }
  }

  /// How important a tone is that lies this many semitones above the root. The guide tones (third and
  /// seventh) come first, then alterations, then extensions. The root, which the bass plays, and the
  /// perfect fifth come last.
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
