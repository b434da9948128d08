import Chords
import Glibc
import Records
import Transformer

/// Those who hear the melody without any chords of their own: what they take to sound is what all
/// pasts together make likely, where hypotheses are a few of these, lived through.
///
/// The *elders* remember everything. Each hears the melody moved by semitones of its own and has its
/// chords moved back: a network that learned every song in every key is not wrong in the same places in
/// all of them, so that their mean errs less than one of them (test-time augmentation). A *young* ear
/// knows no more than this beat and the last, so that a melody that leaves its key is followed at once;
/// two take turns at that, each beginning anew every other beat.
///
/// The young one has little of their votes as a rule, and more of them the better its chords went with
/// what was then heard, compared with those of the elders: `credit`.
struct Ears {
  /// An ear that votes.
  struct Ear {
    /// The network's.
    var row: Int
    /// Semitones up that it hears the melody.
    var transposition: Int
    var isYoung: Bool
  }

  /// Of the elders.
  static let transpositions = [0, -4, 4, -2, 2, 6]
  /// Rows of the network that are ears, as `transposition(of:)` numbers them.
  static let rows = transpositions.count + 2

  /// What the young ear has of their votes where both kinds did alike.
  private static let ofYoung = 0.05
  /// How much of its credit it keeps from beat to beat.
  private static let memory = 0.5
  /// How much the difference of a beat, in nats a frame, counts.
  private static let weight = 4.0
  /// No note is less likely than this in anybody's chord.
  private static let leastFit = 0.05

  /// The elders, and of the young the one that has heard the last beat.
  private(set) var voting: [Ear] = []
  /// The first row that is one.
  private let first: Int
  /// How many beats have begun; whose turn it is depends on it.
  private var beats = 0
  /// By how much, in nats, the young ear foresaw the latest beats better than the elders.
  private var credit = 0.0
  /// The shares of chords, as the beat began, that each pitch class belongs to.
  private var elders = Fit()
  private var young = Fit()

  /// Shares of chords by the pitch classes that belong to them.
  struct Fit {
    private var shares = [Double](repeating: 0, count: 12)
    private var total = 0.0

    fileprivate mutating func clear() {
      for index in shares.indices { shares[index] = 0 }
      total = 0
    }

    fileprivate mutating func add(_ share: Double, of tones: PitchClassSet) {
      total += share
      for index in shares.indices where tones.contains(PitchClass(semitonesAboveC: index)) {
        shares[index] += share
      }
    }

    fileprivate subscript(_ note: PitchClass) -> Double {
      total > 0 ? max(shares[Int(note.rawValue)] / total, Ears.leastFit) : 1
    }
  }

  init(firstRow: Int) {
    first = firstRow
    voting = Self.transpositions.enumerated().map { index, semitones in
      Ear(row: firstRow + index, transposition: semitones, isYoung: false)
    }
    voting.append(Ear(row: firstRow + Self.rows - 1, transposition: 0, isYoung: true))
  }

  /// How the ear in the nth of their rows hears.
  static func transposition(of row: Int) -> Int {
    row < transpositions.count ? transpositions[row] : 0
  }

  /// A beat begins: another young ear votes. Returns the row that begins anew.
  mutating func takeTurns() -> Int {
    beats += 1
    let young = first + Self.transpositions.count
    voting[voting.count - 1].row = young + (beats + 1) & 1
    return young + beats & 1
  }

  /// What an ear has of all their votes; they sum to 1.
  func share(of ear: Ear) -> Double {
    let odds = Self.ofYoung / (1 - Self.ofYoung) * exp(credit)
    return (ear.isYoung ? odds : 1 / Double(Self.transpositions.count)) / (1 + odds)
  }

  /// Compares what both kinds had foreseen with the notes of the beat that is over.
  ///
  /// - Parameter sounding: by frame, what sounded of the melody in it.
  mutating func judge(frames: Int, sounding: (_ age: Int) -> PitchClass?) {
    var difference = 0.0
    for age in 0..<frames {
      guard let note = sounding(age) else { continue }
      difference += log(young[note] / elders[note])
    }
    credit = Self.memory * credit + Self.weight * difference / Double(frames)
  }

  /// Begins to note what they foresee.
  mutating func foresee() {
    elders.clear()
    young.clear()
  }

  /// An ear takes a chord of these tones to sound.
  mutating func foresee(_ share: Double, of tones: PitchClassSet, by ear: Ear) {
    if ear.isYoung { young.add(share, of: tones) } else { elders.add(share, of: tones) }
  }
}

extension FrameInput {
  /// What an ear reads: the same without a word of the chords, and moved. A note that would leave
  /// MIDI's range goes to its pitch class an octave within.
  func heard(transposedBy semitones: Int) -> FrameInput {
    var input = self
    input.before?.isChordTold = false
    // What is not told must not tell two inputs apart, either.
    input.before?.chord = .noChord
    input.before?.isStrike = false
    guard semitones != 0, let before else { return input }
    if case .onset(let pitch) = before.melody {
      input.before?.melody = .onset(pitch.transposed(by: semitones))
    }
    if case .sounding(let pitch) = before.state {
      input.before?.state = .sounding(pitch.transposed(by: semitones))
    }
    return input
  }
}

extension Pitch {
  /// Moved by less than an octave, or to the same pitch class where that would leave MIDI's range.
  fileprivate func transposed(by semitones: Int) -> Pitch {
    let moved = Int(rawValue) + semitones
    return Pitch(moved > 127 ? moved - 12 : moved < 0 ? moved + 12 : moved)!
  }
}
