import Chords
import Glibc
import Music
import Transformer

/// Those who hear the melody without any chords of their own: what they take to sound is what all
/// pasts together make likely, where hypotheses are a few of these, lived through.
///
/// The *elders* remember all that the network looks back on. Each hears the melody moved by semitones
/// of its own and has its chords moved back: a network that learned every song in every key is not
/// wrong in the same places in all of them, so that their mean errs less than one of them (test-time
/// augmentation). A *young* ear knows no more than this beat and the last, so that a melody that leaves
/// its key is followed soon; two take turns at that, each beginning anew every other beat.
///
/// The young one has little of their votes as a rule, and more of them the better its chords went with
/// what was then heard, compared with those of the elders: `credit`. When it has far outdone them, what
/// they remember is of other music than what is played now.
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
  /// How many of the elders, the first ones, hear what is imagined, at most. More take more time.
  private static let mostDreamingElders = 3
  /// Rows of the network that are ears, as `transposition(ofEar:)` numbers them.
  static let rows = transpositions.count + 2

  /// What the young ear has of their votes where both kinds did alike.
  private static let ofYoung = 0.05
  /// How much of its credit it keeps from beat to beat.
  private static let memory = 0.5
  /// How much the difference of a beat, in nats a frame, counts.
  private static let weight = 4.0
  /// The credit with which it has outdone the elders.
  private static let outdoing = 5.0
  /// No note is less likely than this in anybody's chord.
  private static let leastFit = 0.05

  /// The elders, and of the young the one that has heard the last beat.
  private(set) var voting: [Ear] = []
  /// Those of them that go on listening to what is imagined.
  private(set) var dreaming: [Ear] = []
  /// The rows of the elders.
  let elders: Range<Int>
  /// Whether, as the beat began, the young ear that votes had outdone them.
  private(set) var areEldersOutdone = false
  /// How many beats have begun; whose turn it is depends on it.
  private var beats = 0
  /// What is added to the log odds of the young ear's share.
  private var credit = 0.0
  /// The votes, as a beat begins, for chords that each pitch class belongs to.
  private var foreseenByElders = PitchClassShares()
  private var foreseenByYoung = PitchClassShares()
  /// By how much, in nats, the young ear has foreseen the notes of this beat better, and of how many
  /// frames.
  private var lead = 0.0
  private var frames = 0

  /// - Parameter futures: how many are imagined. No more elders than that hear one.
  init(firstRow: Int, futures: Int) {
    voting = Self.transpositions.enumerated().map { number, semitones in
      Ear(row: firstRow + number, transposition: semitones, isYoung: false)
    }
    elders = firstRow..<firstRow + Self.transpositions.count
    dreaming = Array(voting.prefix(min(Self.mostDreamingElders, futures)))
    let young = Ear(row: elders.upperBound + 1, transposition: 0, isYoung: true)
    voting.append(young)
    dreaming.append(young)
  }

  /// How the nth of all ears hears.
  static func transposition(ofEar number: Int) -> Int {
    number < transpositions.count ? transpositions[number] : 0
  }

  /// What an ear has of the votes of those, which sum to 1.
  func share(of ear: Ear, among voting: [Ear]) -> Double {
    let odds = Self.ofYoung / (1 - Self.ofYoung) * exp(credit)
    return (ear.isYoung ? odds : 1 / Double(voting.count - 1)) / (1 + odds)
  }

  /// How little what the elders remember tells of what is played, 0 to 1: what the young ear has of
  /// the votes; where the elders begin again, all.
  var novelty: Double { areEldersOutdone ? 1 : share(of: voting[voting.count - 1], among: voting) }

  /// A frame is over, in which a note of the melody sounded, or none.
  mutating func hear(_ note: PitchClass?) {
    frames += 1
    guard let note = note.map(PitchClassSet.init), let elders = foreseenByElders.share(of: note),
      let young = foreseenByYoung.share(of: note)
    else { return }
    lead += log(max(young, Self.leastFit) / max(elders, Self.leastFit))
  }

  /// The row of the young ear that has heard the last beat, and votes.
  var young: Int { voting[voting.count - 1].row }

  /// The row of the young ear that began anew with the beat.
  var newborn: Int { elders.upperBound + beats % 2 }

  /// A beat begins: what was foreseen of the last one is judged, and another young ear votes.
  mutating func beginBeat() {
    credit = Self.memory * credit + Self.weight * lead / Double(max(1, frames))
    areEldersOutdone = credit > Self.outdoing
    if areEldersOutdone { credit = 0 }
    (lead, frames) = (0, 0)
    (foreseenByElders, foreseenByYoung) = (PitchClassShares(), PitchClassShares())
    voting[voting.count - 1].row = newborn
    dreaming[dreaming.count - 1].row = newborn
    beats += 1
  }

  /// As the beat begins, an ear votes for a chord of these tones.
  mutating func foresee(_ share: Double, of tones: PitchClassSet, by ear: Ear) {
    if ear.isYoung {
      foreseenByYoung.add(share, to: tones)
    } else {
      foreseenByElders.add(share, to: tones)
    }
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
