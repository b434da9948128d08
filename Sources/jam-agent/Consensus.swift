import Chords
import Keys
import Transformer

/// A planned chord of a frame.
struct ChordChoice: Equatable {
  var chord = ChordTokens.noChord
  /// The share of the votes that agrees with it, weighted by similarity, 0 to 1; nil where there
  /// were no votes, or a single voter.
  var confidence: Double?
  /// The key in which it is written; C major while none is known.
  var key = MusicalKey.cMajor
}

/// The melody's latest notes.
struct RecentMelody {
  /// The pitch classes of the last beat.
  var lastBeat: PitchClassSet = []
  /// The pitch classes of the last two beats.
  var lastTwoBeats: PitchClassSet = []
  /// How much better the last two beats explain them than all that came before, 0 to 1:
  /// `MelodyOnlyPredictors.shortContextWeight`.
  var shortContextWeight = 0.0
}

/// Makes one progression of the votes: at each place for a change, the chord with the best score.
///
/// The score begins with minimum Bayes risk decoding (Kumar and Byrne 2004): a chord's agreement is
/// the sum of the votes, each times the similarity of its chord. Chords are the more similar the
/// more pitch classes they share, and more so with a common root. So votes for C and for Am7 agree
/// with each other more than with F sharp. Candidates are the chords voted for and the sounding
/// one.
///
/// The agreement is weighted: up by the share of the recent and of the predicted melody that
/// belongs to the chord, down for each pitch class beyond three, because more tones fit more
/// melodies.
///
/// The sounding chord stays unless a challenger beats it by a margin, which depends on the place in
/// the bar. The margin is smaller where the sounding chord clashes with the melody, and where the
/// melody-only predictors of short context outdo those of long context.
///
/// Chords change on beats only: between them, differing hypotheses would make chords flicker. In a
/// bar of unequal groups, such as 7/8, they change where a group begins. While nothing sounds, a
/// chord enters on any eighth note or, after a listening period, on a bar line.
struct Consensus {
  /// How many times the score of the sounding chord a challenger needs to replace it.
  struct Margins {
    var barLine = 1.0
    var midBar: Double
    var otherBeat: Double
  }

  /// The margins of the current beat.
  var currentMargins = Margins(midBar: 2.5, otherBeat: 5)
  /// The margins of beats that are rolled out, on which there is less agreement.
  var rolloutMargins = Margins(midBar: 1.6, otherBeat: 1.8)
  /// The largest margins where the sounding chord clashes with the melody.
  var clashMargins = Margins(midBar: 1.4, otherBeat: 2)
  /// The sounding chord clashes if it contains less than this share of the predicted melody of the
  /// beat.
  var leastPredictedFit = 0.25
  /// The weight of the share of the recent melody that belongs to a chord.
  var recentFitWeight = 0.4
  /// The weight of the share of the predicted melody that belongs to a chord.
  var predictedFitWeight = 1.2
  /// The loss of score for each pitch class beyond three.
  var extraTonePenalty = 0.1
  /// How much of the similarity is a common root and common pitch classes. The rest needs the same
  /// chord, which decides between inversions.
  var rootWeight = 0.63
  var commonTonesWeight = 0.345
  /// Whether after silence chords enter on bar lines only.
  var entersOnBarLines: Bool
  private let vocabulary: ChordVocabulary

  init(_ vocabulary: ChordVocabulary, entersOnBarLines: Bool = false) {
    self.vocabulary = vocabulary
    self.entersOnBarLines = entersOnBarLines
  }

  /// Whether a chord may change at a place or, after silence, enter there.
  func mayChange(at place: MetricalPlace, isSilent: Bool) -> Bool {
    guard isSilent else { return place.weight != .none }
    return entersOnBarLines ? place.weight == .barLine : place.place.isMultiple(of: 2)
  }

  /// Whether a choice at a place may depend on votes: a chord changes there, or may enter, while
  /// nothing sounds at the beginning of the plan.
  func needsVotes(at place: MetricalPlace, isSilent: Bool) -> Bool {
    place.weight != .none || mayChange(at: place, isSilent: isSilent)
  }

  /// The chord of a frame, after a sounding one.
  ///
  /// - Parameters:
  ///   - recent: the melody's latest notes; empty for frames that are too far ahead of them.
  ///   - predicted: the melody of the beat that begins there, from the rollouts.
  ///   - isRolledOut: whether the frame is a frame to come, not the current one.
  ///   - hasOneVoter: whether there is one voter, whose choice is taken without a confidence.
  func choice(
    _ votes: Votes, over sounding: ChordChoice, at place: MetricalPlace,
    recent: RecentMelody = RecentMelody(), predicted: PitchClassShares = PitchClassShares(),
    isRolledOut: Bool = false, hasOneVoter: Bool = false
  ) -> ChordChoice {
    if hasOneVoter, let vote = votes.shares.first { return ChordChoice(chord: vote.chord) }
    guard mayChange(at: place, isSilent: sounding.chord == .noChord) else { return sounding }
    func rate(_ chord: ChordTokens) -> (agreement: Double, score: Double) {
      let agreement = agreement(chord, votes)
      return (agreement, score(chord, agreement, recent, predicted))
    }
    var best = (chord: sounding.chord, rating: rate(sounding.chord))
    best.rating.score *= margin(
      sounding.chord, at: place, recent, isRolledOut ? nil : predicted)
    for (chord, _) in votes.shares where chord != sounding.chord {
      let rating = rate(chord)
      if rating.score > best.rating.score { best = (chord, rating) }
    }
    let total = votes.shares.reduce(0) { $0 + $1.share }
    return ChordChoice(
      chord: best.chord, confidence: total > 0 ? best.rating.agreement / total : nil)
  }

  /// The similarity of a chord to those voted for, summed by votes: all of them if it is the only
  /// one.
  private func agreement(_ chord: ChordTokens, _ votes: Votes) -> Double {
    votes.shares.reduce(0) { $0 + $1.share * similarity(chord, $1.chord) }
  }

  /// From 0, for chords with nothing in common, to 1, for equal chords.
  private func similarity(_ one: ChordTokens, _ other: ChordTokens) -> Double {
    if one == other { return 1 }
    let (tones, others) = (vocabulary.pitchClasses(of: one), vocabulary.pitchClasses(of: other))
    guard !tones.isEmpty, !others.isEmpty else { return 0 }
    let common = 2 * Double(tones.intersection(others).count) / Double(tones.count + others.count)
    return (one.root == other.root ? rootWeight : 0) + commonTonesWeight * common
  }

  /// The agreement with a chord, weighted by how well its pitch classes fit the melody.
  private func score(
    _ chord: ChordTokens, _ agreement: Double, _ recent: RecentMelody,
    _ predicted: PitchClassShares
  ) -> Double {
    let (tones, notes) = (vocabulary.pitchClasses(of: chord), recent.lastTwoBeats)
    let recentFit =
      notes.isEmpty ? 0 : Double(tones.intersection(notes).count) / Double(notes.count)
    return agreement * (1 + recentFitWeight * recentFit)
      * (1 + predictedFitWeight * (predicted.share(of: tones) ?? 0))
      * (1 - extraTonePenalty * Double(max(0, tones.count - 3)))
  }

  // MARK: Margins

  /// The margin for the sounding chord. `predicted` is nil in frames to come.
  private func margin(
    _ sounding: ChordTokens, at place: MetricalPlace, _ recent: RecentMelody,
    _ predicted: PitchClassShares?
  ) -> Double {
    var margin = margin(place, predicted == nil ? rolloutMargins : currentMargins)
    if clashes(sounding, recent, predicted) {
      margin = min(self.margin(place, clashMargins), margin)
    }
    return margin + (1 - margin) * recent.shortContextWeight
  }

  /// Whether no note of the last beat belongs to a chord, or too little of the predicted melody.
  private func clashes(
    _ chord: ChordTokens, _ recent: RecentMelody, _ predicted: PitchClassShares?
  ) -> Bool {
    let tones = vocabulary.pitchClasses(of: chord)
    return !recent.lastBeat.isEmpty && tones.isDisjoint(with: recent.lastBeat)
      || predicted?.share(of: tones).map { $0 < leastPredictedFit } ?? false
  }

  private func margin(_ place: MetricalPlace, _ margins: Margins) -> Double {
    switch place.weight {
    case .barLine: margins.barLine
    case .strongBeat: margins.midBar
    case .beat, .none: margins.otherBeat
    }
  }
}
