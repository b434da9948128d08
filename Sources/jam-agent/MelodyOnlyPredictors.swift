import Chords
import Glibc
import Music
import Transformer

/// Rows of the network that read the melody without any chords. They predict chords averaged over
/// all progressions that may underlie the melody, where a hypothesis is one sample of them.
///
/// The *long-context* predictors attend to the network's whole window. Each reads the melody in
/// another transposition, and its chords are transposed back. The network errs in different places
/// in different keys, so the mean of the transpositions errs less than one of them (test-time
/// augmentation).
///
/// The *short-context* predictor attends to the current beat and the last one only, so it follows a
/// melody that leaves its key at once. Two rows take turns: each starts again every other beat.
///
/// The short context usually has a small share of their votes. Its share grows with the log odds:
/// by how much better than the long contexts it predicted the melody. A prediction of a note is the
/// share of the votes for chords that contain it. Where the log odds exceed a threshold, there is a
/// change point: what the long contexts attend to is other music.
struct MelodyOnlyPredictors {
  /// A row of the network that reads the melody only.
  struct Predictor {
    /// The network's row.
    var row: Network.Row
    /// By how many semitones the melody that it reads is transposed up.
    var transposition: Int
    var isShortContext: Bool
  }

  /// The transpositions of the long contexts, in semitones up.
  static let transpositions = [0, -4, 4, -2, 2, 6]
  /// How many rows of the network there are.
  static let rowCount = transpositions.count + 2
  /// How many long contexts take part in rollouts, at most: more take more time.
  private static let maxLongContextsInRollouts = 3

  /// The share of the short context where both kinds predict equally well.
  private static let shortContextPrior = 0.05
  /// How much of the log odds remains after a beat.
  private static let decay = 0.5
  /// The weight of the difference of a beat's log likelihoods, in nats a frame.
  private static let gain = 4.0
  /// The log odds of a change point.
  private static let changePointThreshold = 5.0
  /// No note has a smaller likelihood than this.
  private static let leastLikelihood = 0.05

  /// The long contexts, then the short context that has read the last beat.
  private(set) var voting: [Predictor] = []
  /// The rows of the long contexts.
  let longContextRows: [Network.Row]
  /// Whether there was a change point as this beat began.
  private(set) var isChangePoint = false
  /// The rows of the two short contexts.
  private let shortContextRows: [Network.Row]
  /// How many beats have begun.
  private var beats = 0
  /// The log odds of the short context, in addition to its prior.
  private var logOdds = 0.0
  /// The votes, as the beat began, for chords that contain each pitch class.
  private var predictedByLongContexts = PitchClassShares()
  private var predictedByShortContext = PitchClassShares()
  /// The log likelihood ratio of this beat's notes, in nats, and over how many frames.
  private var logLikelihoodRatio = 0.0
  private var frames = 0

  /// Predictors in `rowCount` rows from `firstRow` on, before the first beat.
  init(firstRow: Network.Row) {
    let rows = (0..<Self.rowCount).map { Network.Row(firstRow.index + $0) }
    longContextRows = Array(rows.prefix(Self.transpositions.count))
    shortContextRows = Array(rows.suffix(2))
    voting = zip(longContextRows, Self.transpositions).map {
      Predictor(row: $0, transposition: $1, isShortContext: false)
    }
    voting.append(Predictor(row: shortContextRows[1], transposition: 0, isShortContext: true))
  }

  /// The transposition that predictor `number` reads, in the order of the rows.
  static func transposition(of number: Int) -> Int {
    number < transpositions.count ? transpositions[number] : 0
  }

  /// How many predictors take part in `rollouts` rollouts: no more long contexts than rollouts.
  func countInRollouts(_ rollouts: Int) -> Int {
    min(Self.maxLongContextsInRollouts, rollouts) + 1
  }

  /// The predictor `number` of those that take part in `count` of them: long contexts, then the
  /// short one.
  func inRollouts(_ number: Int, of count: Int) -> Predictor {
    number < count - 1 ? voting[number] : voting[voting.count - 1]
  }

  /// The share of a predictor among the votes of `count` predictors, of which the last is the short
  /// context. The shares sum to 1.
  func share(of predictor: Predictor, among count: Int) -> Double {
    let odds = Self.shortContextPrior / (1 - Self.shortContextPrior) * exp(logOdds)
    return (predictor.isShortContext ? odds : 1 / Double(count - 1)) / (1 + odds)
  }

  /// The weight of the short context, 0 to 1: how little the long contexts explain of what is
  /// played now. 1 at a change point.
  var shortContextWeight: Double {
    isChangePoint ? 1 : share(of: voting[voting.count - 1], among: voting.count)
  }

  /// The row of the short context that votes: it has read the last beat.
  var shortContextRow: Network.Row { voting[voting.count - 1].row }

  /// The row of the other short context, which starts again with the beat that began last.
  var restartedRow: Network.Row { shortContextRows[beats % 2] }

  /// Compares the predictions with a frame that is over, in which the melody had a note or none.
  mutating func observe(_ note: PitchClass?) {
    frames += 1
    guard let note = note.map(PitchClassSet.init),
      let long = predictedByLongContexts.share(of: note),
      let short = predictedByShortContext.share(of: note)
    else { return }
    logLikelihoodRatio +=
      log(max(short, Self.leastLikelihood) / max(long, Self.leastLikelihood))
  }

  /// A beat begins: updates the log odds by the last beat's notes, and lets the other short context
  /// vote.
  mutating func beginBeat() {
    logOdds = Self.decay * logOdds + Self.gain * logLikelihoodRatio / Double(max(1, frames))
    isChangePoint = logOdds > Self.changePointThreshold
    if isChangePoint { logOdds = 0 }
    (logLikelihoodRatio, frames) = (0, 0)
    (predictedByLongContexts, predictedByShortContext) = (PitchClassShares(), PitchClassShares())
    // The one that started again a beat ago has read the last beat now.
    voting[voting.count - 1].row = restartedRow
    beats += 1
  }

  /// Records what a predictor votes for as the beat begins: a chord with these pitch classes.
  mutating func recordPrediction(
    _ share: Double, of pitchClasses: PitchClassSet, by predictor: Predictor
  ) {
    if predictor.isShortContext {
      predictedByShortContext.add(share, to: pitchClasses)
    } else {
      predictedByLongContexts.add(share, to: pitchClasses)
    }
  }
}

extension FrameInput {
  /// The input of a melody-only predictor: without the chord, and transposed. A note that would
  /// leave MIDI's range moves by an octave into it.
  func melodyOnly(transposedBy semitones: Int) -> FrameInput {
    var input = self
    input.before?.isChordMasked = true
    // The masked chord must not tell two inputs apart.
    input.before?.chord = ChordEvent()
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
