import Chords

/// Finds the key of a melody and its chords, frame by frame.
///
/// Each of the 24 keys has a score: the logarithm of its probability, up to a constant that all
/// share. What is heard adds to it a weight of `KeyWeights`, which depends on the mode and on the
/// degree of the note or root in that key. The weights are those of a multinomial logistic
/// regression. As in a hidden Markov model whose state is the key, the music may modulate: no score
/// falls further behind the best than the price of a modulation.
///
/// Scores are integers, so the key is the same on every machine. Real-time: allocates only in
/// `init`.
public struct KeyFinder: Sendable {
  /// What sounds in a frame.
  public struct Moment: Sendable {
    /// Frames since the bar line.
    public var place: Int
    /// The length of the meter's beat in frames: a dotted quarter note in compound meters.
    public var beatLength: Int
    /// The melody's note; nil in a rest.
    public var note: PitchClass?
    /// Whether the note begins in this frame.
    public var isOnset: Bool
    /// The root and the kind of the chord; nil if none sounds.
    public var chord: (root: PitchClass, kind: ChordKind)?

    public init(
      place: Int, beatLength: Int, note: PitchClass?, isOnset: Bool,
      chord: (root: PitchClass, kind: ChordKind)?
    ) {
      self.place = place
      self.beatLength = beatLength
      self.note = note
      self.isOnset = isOnset
      self.chord = chord
    }
  }

  /// The key; nil until three notes have begun, or a chord has.
  public private(set) var key: MusicalKey?

  /// How many frames a beat (a quarter note) has.
  private let framesPerBeat: Int
  /// In hundredths of a nat times `framesPerBeat`: the 12 major keys, C first, then the minor ones.
  private var scores = [Int](repeating: 0, count: 24)
  /// The index of `key` among the scores.
  private var chosen: Int?
  /// Whether a key has led all others by the margin. Until then, the best one is taken as it is.
  private var isSettled = false
  /// How many frames have passed since the first note began; nil before it.
  private var age: Int?
  /// The melody's last note, and how many frames have passed since it began.
  private var last: (note: PitchClass, age: Int)?
  private var noteCount = 0
  private var hasHeardChord = false

  /// What a modulation costs, in hundredths of a nat.
  private static let modulation = 800
  /// By how much another key must lead to replace the present one, so that names do not flicker.
  private static let margin = 100
  /// A first chord that comes more beats than this after the first note was chosen to fit the
  /// melody. It tells less about the key.
  private static let earlyBeats = 6
  /// How many notes must have begun before there is a key.
  private static let fewestNotes = 3

  /// - Parameter framesPerBeat: how many frames a beat (a quarter note) has, at least 1.
  public init(framesPerBeat: Int) {
    precondition(framesPerBeat > 0)
    self.framesPerBeat = framesPerBeat
  }

  /// Hears the next frame.
  public mutating func hear(_ moment: Moment) {
    if let note = moment.note {
      if moment.isOnset { begin(note, moment) }
      add(.note, note, times: 1)
    }
    if let last, last.age == 2 * moment.beatLength { add(.longNote, last.note) }
    if let chord = moment.chord { hear(chord.root, chord.kind) }
    age? += 1
    last?.age += 1
    choose()
  }

  private mutating func begin(_ note: PitchClass, _ moment: Moment) {
    if moment.place == 0 {
      add(.noteOnBarLine, note)
    } else if moment.place.isMultiple(of: moment.beatLength) {
      add(.noteOnBeat, note)
    }
    if let last {
      add(.step(note.semitones(above: last.note)), note)
    } else {
      add(.firstNote, note)
      age = 0
    }
    last = (note, 0)
    noteCount += 1
  }

  private mutating func hear(_ root: PitchClass, _ kind: ChordKind) {
    add(.chord(kind), root, times: 1)
    guard !hasHeardChord else { return }
    hasHeardChord = true
    let isEarly = age ?? 0 <= Self.earlyBeats * framesPerBeat
    add(isEarly ? .firstChord(kind) : .lateFirstChord(kind), root)
  }

  /// Adds the weights of something that was heard. `times` counts frames of a beat; by default the
  /// weight is that of a whole beat, or of an event.
  private mutating func add(_ feature: KeyFeature, _ note: PitchClass, times: Int? = nil) {
    for tonic in 0..<12 {
      let degree = note.semitones(above: PitchClass(semitonesAboveC: tonic))
      let factor = times ?? framesPerBeat
      scores[tonic] += factor * feature.weight(degree: degree, isMinor: false)
      scores[tonic + 12] += factor * feature.weight(degree: degree, isMinor: true)
    }
  }

  private mutating func choose() {
    var best = 0
    for index in scores.indices where scores[index] > scores[best] { best = index }
    // The best score becomes 0, so that none overflows, however long the music.
    let (highest, least) = (scores[best], -Self.modulation * framesPerBeat)
    for index in scores.indices { scores[index] = max(scores[index] - highest, least) }
    guard noteCount >= Self.fewestNotes || hasHeardChord else { return }
    let margin = Self.margin * framesPerBeat
    if let chosen, isSettled, scores[chosen] >= -margin { return }
    isSettled = isSettled || scores.count { $0 > -margin } == 1
    chosen = best
    key = MusicalKey(tonic: PitchClass(semitonesAboveC: best % 12), isMinor: best >= 12)
  }
}
