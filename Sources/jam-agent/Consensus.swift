import Chords
import Transformer

/// What is played in a frame.
struct Choice: Equatable {
  var chord = ChordVocabulary.Spelling.noChord
  /// How much the minds agree on it, 0 to 1; nil where there were no votes.
  var confidence: Double?
}

/// The melody's latest notes: those of one beat, and of two.
struct Heard {
  var inBeat: PitchClassSet = []
  var inTwoBeats: PitchClassSet = []
  /// How little what came before tells of them, 0 to 1: see `Ears.novelty`.
  var novelty = 0.0
}

/// Makes one progression of what hypotheses vote for: at each place for a change, the chord that they
/// would disagree with least (minimum Bayes risk decoding; Kumar and Byrne 2004), likeness being
/// partly a common root, partly common tones. So those who would have C and those who would have Am7
/// agree on more than either of them on F sharp.
///
/// A chord counts the more the more belongs to it of what was just heard, and of what is imagined to
/// come in its first beat; and the less the more pitch classes it has beyond three, for the more there
/// are, the more belongs to it. One goes on unless another is better, off the bar line clearly better,
/// the more clearly the less a place in the bar is one for changes. It *clashes* if none of the last
/// beat's notes belongs to it, or little of the next one's: another need not be so much better then, nor
/// where the melody seems to have left what came before.
/// Between beats nothing changes: hypotheses that differ would make chords flicker. Only where nothing
/// sounds one may come in on any eighth note, if there was no time to listen before.
struct Consensus {
  typealias Spelling = ChordVocabulary.Spelling

  /// How many times the agreement on what sounds another chord needs to take its place: at the bar
  /// line, at the middle of the bar, and on other beats.
  struct Margins {
    var atBarLine = 1.0
    var atHalfBar: Double
    var atBeat: Double
  }

  var atHand = Margins(atHalfBar: 2.5, atBeat: 5)
  /// Of frames that are imagined, on which there is less agreement.
  var imagined = Margins(atHalfBar: 1.6, atBeat: 1.8)
  /// The most that it needs over a chord that clashes.
  var overClash = Margins(atHalfBar: 1.4, atBeat: 2)
  /// A chord clashes with a beat that is at hand if less than this of what is imagined of it belongs
  /// to the chord.
  var leastOfComing = 0.25
  /// How much more a chord counts to which all that was heard of late belongs.
  var ofFit = 0.4
  /// How much more one counts to which all that is imagined belongs.
  var ofComing = 1.2
  /// How much less one counts for each pitch class beyond three.
  var ofCrowd = 0.1
  /// What a common root and common tones are worth of likeness; the rest is for the very same chord,
  /// which decides between inversions.
  var ofRoot = 0.63
  var ofTones = 0.345
  /// Whether a chord waits for a beat where nothing sounds, too.
  var comesInOnBeats: Bool
  private let vocabulary: ChordVocabulary

  init(_ vocabulary: ChordVocabulary, comesInOnBeats: Bool = false) {
    self.vocabulary = vocabulary
    self.comesInOnBeats = comesInOnBeats
  }

  /// Whether a chord may change at a place, or come in where nothing sounds.
  func mayChange(at place: MetricalPlace, isSilent: Bool) -> Bool {
    isSilent && !comesInOnBeats ? place.place.isMultiple(of: 2) : place.isBeat
  }

  /// What follows `sounding` in a frame. A single mind, unanimous at every place, has its way, and
  /// does not know how sure it is.
  ///
  /// - Parameters:
  ///   - heard: the melody's notes of late; none where they are yet to come.
  ///   - coming: what is imagined of it in the beat that begins there.
  ///   - isImagined: whether the votes are on a frame to come.
  func choice(
    _ votes: Ensemble.Votes, over sounding: Choice, at place: MetricalPlace,
    heard: Heard = Heard(), coming: PitchClassShares = PitchClassShares(),
    isImagined: Bool = false, isUnanimous: Bool = false
  ) -> Choice {
    if isUnanimous, let vote = votes.shares.first { return Choice(chord: vote.chord) }
    guard mayChange(at: place, isSilent: sounding.chord == .noChord) else { return sounding }
    var margin = margin(place, isImagined ? imagined : atHand)
    if clashes(sounding.chord, heard, isImagined ? PitchClassShares() : coming) {
      margin = min(self.margin(place, overClash), margin)
    }
    margin += (1 - margin) * heard.novelty
    func judged(_ chord: Spelling) -> (agreement: Double, worth: Double) {
      let (agreement, tones) = (agreement(chord, votes), vocabulary.pitchClasses(of: chord))
      let worth =
        agreement * (1 + ofFit * fit(tones, heard.inTwoBeats))
        * (1 + ofComing * (coming.share(of: tones) ?? 0))
        * (1 - ofCrowd * Double(max(0, tones.count - 3)))
      return (agreement, worth)
    }
    var best = (chord: sounding.chord, judged: judged(sounding.chord))
    best.judged.worth *= margin
    for (chord, _) in votes.shares where chord != sounding.chord {
      let judged = judged(chord)
      if judged.worth > best.judged.worth { best = (chord, judged) }
    }
    let total = votes.shares.reduce(0) { $0 + $1.share }
    return Choice(chord: best.chord, confidence: total > 0 ? best.judged.agreement / total : nil)
  }

  /// How like the chord is to what is voted for, in sum: the votes' own sum, if it is all that they
  /// are for.
  private func agreement(_ chord: Spelling, _ votes: Ensemble.Votes) -> Double {
    votes.shares.reduce(0) { $0 + $1.share * likeness(chord, $1.chord) }
  }

  /// From 0, of chords that have nothing in common, to 1, of one chord and itself.
  private func likeness(_ one: Spelling, _ other: Spelling) -> Double {
    if one == other { return 1 }
    let (tones, others) = (vocabulary.pitchClasses(of: one), vocabulary.pitchClasses(of: other))
    guard !tones.isEmpty, !others.isEmpty else { return 0 }
    let common = 2 * Double(tones.intersection(others).count) / Double(tones.count + others.count)
    return (one.root == other.root ? ofRoot : 0) + ofTones * common
  }

  /// The share of what was heard that belongs to a chord of these tones.
  private func fit(_ tones: PitchClassSet, _ heard: PitchClassSet) -> Double {
    heard.isEmpty ? 0 : Double(tones.intersection(heard).count) / Double(heard.count)
  }

  private func clashes(_ chord: Spelling, _ heard: Heard, _ coming: PitchClassShares) -> Bool {
    let tones = vocabulary.pitchClasses(of: chord)
    return !heard.inBeat.isEmpty && tones.isDisjoint(with: heard.inBeat)
      || coming.share(of: tones).map { $0 < leastOfComing } ?? false
  }

  private func margin(_ place: MetricalPlace, _ margins: Margins) -> Double {
    if place.place == 0 { return margins.atBarLine }
    return 2 * place.place == place.place + place.left + 1 ? margins.atHalfBar : margins.atBeat
  }
}
