import Chords
import Music

/// The pitches that a chord is played with.
struct Voicing: Hashable, Sendable {
  var bass: Pitch
  /// Above the bass, lowest first, all different.
  var upper: [Pitch]
}

/// Chooses the pitches of one chord after another. The upper voices move as little as possible
/// within their register, and the bass moves to the nearer octave within its own.
struct Voicer: Sendable {
  /// The cost of a voicing, in eighths of a semitone that a voice moves.
  private enum Cost {
    static let semitone = 8
    static let voiceThatEntersOrLeaves = 16
    static let missingVoice = 160
    static let doubledRoot = 8
    /// A third or seventh in the bass is heard well enough without a double.
    static let doubledBass = 48
    static let doubledVoice = 12
    static let semitoneApart = 20
    static let semitoneBeyondAnOctave = 24
    static let belowBass = 400
    /// For the top voice at or above the ceiling, and for each semitone that any voice lies there.
    static let atCeiling = 120
    static let semitoneAboveCeiling = 16
    /// For each semitone between the middle of the voices and that of the register. It is less than
    /// a semitone of motion, so it decides between equally near voicings, and leads back from an
    /// edge of the register in time.
    static let semitoneOffCentre = 3
  }

  /// The range of the upper voices; at least an octave.
  let register: ClosedRange<Pitch>
  /// The range of the bass; at least an octave.
  let bassRegister: ClosedRange<Pitch>
  private var last: (chord: Chord, bass: PitchClass, voicing: Voicing)?

  init(register: ClosedRange<Pitch>, bassRegister: ClosedRange<Pitch>) {
    self.register = register
    self.bassRegister = bassRegister
  }

  /// The voicing of the next chord over a bass. If the last chord is repeated, so is its voicing.
  ///
  /// - Parameter ceiling: the pitch below which the upper voices stay where they can; nil for none.
  mutating func voicing(
    of chord: Chord, bass: PitchClass, below ceiling: Pitch? = nil
  ) -> Voicing {
    if let last, last.chord == chord, last.bass == bass { return last.voicing }
    let bassPitch = bassPitch(of: bass)
    let upper = upperVoices(of: chord, bass: bass, above: bassPitch, below: ceiling)
    let voicing = Voicing(bass: bassPitch, upper: upper)
    last = (chord, bass, voicing)
    return voicing
  }

  private func bassPitch(of pitchClass: PitchClass) -> Pitch {
    let centre = bassRegister.doubledCentre
    let previous = last.map { Int($0.voicing.bass.rawValue) }
    return bassRegister.pitches(of: pitchClass).min { left, right in
      func cost(_ pitch: Pitch) -> Int {
        let pitch = Int(pitch.rawValue)
        return 4 * abs(pitch - (previous ?? pitch)) + abs(2 * pitch - centre)
      }
      return (cost(left), left) < (cost(right), right)
    }!
  }

  private func upperVoices(
    of chord: Chord, bass: PitchClass, above low: Pitch, below ceiling: Pitch?
  ) -> [Pitch] {
    let doubling = bass == chord.root.pitchClass ? Cost.doubledRoot : Cost.doubledBass
    var best: (cost: Int, voices: [Pitch])?
    for choice in ToneChoice.all(for: chord, bass: bass) {
      forEachPlacement(of: choice.tones) { voices in
        var cost = cost(of: voices, choice, above: low)
        if let ceiling { cost += Self.cost(of: voices, below: ceiling) }
        cost += doubling * choice.tones.count { $0 == bass }
        let isBetter =
          best.map { known in
            cost == known.cost
              ? voices.lexicographicallyPrecedes(known.voices) : cost < known.cost
          } ?? true
        if isBetter { best = (cost, voices) }
      }
    }
    return best?.voices ?? []
  }

  /// Calls `body` with each way to put the tones into the register, lowest first, on different
  /// pitches.
  private func forEachPlacement(of tones: [PitchClass], _ body: ([Pitch]) -> Void) {
    func place(_ index: Int, _ placed: [Pitch]) {
      guard index < tones.count else { return body(placed.sorted()) }
      for pitch in register.pitches(of: tones[index]) where !placed.contains(pitch) {
        place(index + 1, placed + [pitch])
      }
    }
    place(0, [])
  }

  private func cost(of voices: [Pitch], _ choice: ToneChoice, above low: Pitch) -> Int {
    let numbers = voices.map { Int($0.rawValue) }
    var cost = Cost.missingVoice * choice.missing
    if let last { cost += Self.motion(from: last.voicing.upper.map { Int($0.rawValue) }, numbers) }
    if let lowest = numbers.first, let highest = numbers.last {
      let offCentre = abs(2 * numbers.reduce(0, +) / numbers.count - register.doubledCentre)
      cost += Cost.semitoneOffCentre * offCentre / 2
      cost += Cost.semitoneBeyondAnOctave * max(0, highest - lowest - 12)
      if lowest <= Int(low.rawValue) { cost += Cost.belowBass }
    }
    cost += Cost.semitoneApart * zip(numbers, numbers.dropFirst()).count { $1 - $0 == 1 }
    return cost + Cost.doubledVoice * (choice.tones.count - Set(choice.tones).count)
  }

  /// The cost of voices at or above a ceiling.
  private static func cost(of voices: [Pitch], below ceiling: Pitch) -> Int {
    let excess = voices.reduce(0) {
      $0 + max(0, Int($1.rawValue) - Int(ceiling.rawValue) + 1)
    }
    return excess > 0 ? Cost.atCeiling + Cost.semitoneAboveCeiling * excess : 0
  }

  /// The cost of the motion between two voicings, whose voices never cross. If one has a voice
  /// more, the voice that enters or leaves is the one that lets the others move least.
  private static func motion(from: [Int], _ to: [Int]) -> Int {
    if from.count > to.count { return motion(from: to, from) }
    if from.count == to.count {
      return Cost.semitone * zip(from, to).reduce(0) { $0 + abs($1.0 - $1.1) }
    }
    return Cost.voiceThatEntersOrLeaves
      + to.indices.map { index in
        var rest = to
        rest.remove(at: index)
        return motion(from: from, rest)
      }.min()!
  }
}

extension ClosedRange<Pitch> {
  /// The pitches of a pitch class in the register, lowest first.
  func pitches(of pitchClass: PitchClass) -> [Pitch] {
    (lowerBound.rawValue...upperBound.rawValue).filter { $0 % 12 == pitchClass.rawValue }
      .compactMap { Pitch(rawValue: $0) }
  }

  /// The middle of the register, in half semitones.
  fileprivate var doubledCentre: Int { Int(lowerBound.rawValue) + Int(upperBound.rawValue) }
}
