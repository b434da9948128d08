import AgentSettings
import Chords
import Music
import Records
import TestSupport
import Testing
import Transformer

@testable import jam_agent

@Suite struct ConsensusTests {
  private static let vocabulary = try! ChordVocabulary(["", "m", "7", "m7"])
  private static let (c, am, am7, g, g7, fSharp) = (
    ChordTokens(root: 0, quality: 0), ChordTokens(root: 9, quality: 1),
    ChordTokens(root: 9, quality: 3),
    ChordTokens(root: 7, quality: 0), ChordTokens(root: 7, quality: 2),
    ChordTokens(root: 6, quality: 0)
  )

  /// Each case: votes, the sounding chord, the frame in a bar of sixteen, the chord that follows.
  @Test(
    "the chord with the least expected loss is chosen",
    arguments: [
      // On the bar line the most votes win; a tie leaves the sounding chord.
      ([(c, 0.4), (fSharp, 0.6)], c, 0, fSharp),
      ([(c, 0.5), (fSharp, 0.5)], c, 0, c),
      // At mid-bar a challenger needs 2.5 times the votes, on other beats 5 times. Between beats
      // nothing changes.
      ([(c, 0.29), (fSharp, 0.71)], c, 8, c),
      ([(c, 0.28), (fSharp, 0.72)], c, 8, fSharp),
      ([(c, 0.17), (fSharp, 0.83)], c, 4, c),
      ([(c, 0.16), (fSharp, 0.84)], c, 12, fSharp),
      ([(c, 0.0), (fSharp, 1.0)], c, 5, c),
      // Votes for similar chords add up against a chord with more votes than each of them.
      ([(fSharp, 0.4), (g, 0.3), (g7, 0.3)], fSharp, 0, g),
      ([(fSharp, 0.38), (c, 0.31), (am7, 0.31)], fSharp, 0, c),
      // A sounding chord without votes is replaced, but on a weak beat not by a similar chord.
      ([(fSharp, 1.0)], c, 4, fSharp),
      ([(am, 1.0)], c, 8, am),
      ([(am, 1.0)], c, 4, c),
      ([(.noChord, 1.0)], c, 4, .noChord),
      // After silence a chord enters on any eighth note.
      ([(c, 1.0)], .noChord, 6, c),
      ([(c, 1.0)], .noChord, 7, .noChord),
      // Without votes nothing changes.
      ([], c, 0, c),
    ])
  func choosesLeastExpectedLoss(
    shares: [(ChordTokens, Double)], sounding: ChordTokens, place: Int, expected: ChordTokens
  ) {
    var votes = Votes()
    for (chord, share) in shares { votes.add(share, for: chord) }
    let place = MetricalPlace(place: place, length: 16, bar: 0, meter: .fourFour)
    let choice = Consensus(Self.vocabulary).choice(
      votes, over: ChordChoice(chord: sounding), at: place)
    #expect(choice.chord == expected)
  }

  /// Each case: a meter, and the frames of its bar in which unanimous votes replace the chord.
  @Test(
    "chords change on beats only, and in unequal groups where one begins",
    arguments: [
      (Meter(4, 4)!, [0, 4, 8, 12]), (Meter(3, 4)!, [0, 4, 8]), (Meter(6, 8)!, [0, 6]),
      (Meter(2, 4)!, [0, 4]), (Meter(9, 8)!, [0, 6, 12]), (Meter(7, 8)!, [0, 6, 10]),
      (Meter(groups: [2, 2, 3], 8)!, [0, 4, 8]), (Meter(5, 4)!, [0, 12]),
      (Meter(groups: [2, 3], 4)!, [0, 8]), (Meter(groups: [2, 2, 2, 3], 8)!, [0, 4, 8, 12]),
    ])
  func changesOnBeats(meter: Meter, places: [Int]) {
    let length = Int(4 * meter.beatsPerBar)
    var votes = Votes()
    votes.add(1, for: Self.fSharp)
    let changes = (0..<length).filter { place in
      let place = MetricalPlace(place: place, length: length, bar: 0, meter: meter)
      let consensus = Consensus(Self.vocabulary)
      return consensus.choice(votes, over: ChordChoice(chord: Self.c), at: place).chord
        == Self.fSharp
    }
    #expect(changes == places)
  }

  /// Each case: a meter, whether a chord enters on a bar line only, and where it may enter.
  @Test(
    "after silence chords enter on eighth notes, or on bar lines if they must",
    arguments: [
      (Meter(4, 4)!, false, [0, 2, 4, 6, 8, 10, 12, 14]),
      (Meter(6, 8)!, false, [0, 2, 4, 6, 8, 10]),
      (Meter(5, 16)!, false, [0, 2, 4]), (Meter(6, 8)!, true, [0]),
    ])
  func entersOnEighths(meter: Meter, entersOnBarLines: Bool, places: [Int]) {
    let length = Int(4 * meter.beatsPerBar)
    let consensus = Consensus(Self.vocabulary, entersOnBarLines: entersOnBarLines)
    let entries = (0..<length).filter { place in
      let place = MetricalPlace(place: place, length: length, bar: 0, meter: meter)
      return consensus.mayChange(at: place, isSilent: true)
    }
    #expect(entries == places)
  }

  /// Each case: the pitch classes of the recent melody, the share of votes for F sharp over the
  /// sounding C, the frame in a bar of sixteen, and whether F sharp replaces C.
  @Test(
    "a chord that fits the recent melody counts more",
    arguments: [
      // No notes, or some belong to C: the margin is 2.5 at mid-bar, 5 on other beats. C counts 1.4
      // times if all of them belong to it.
      ([], 0.6, 4, false), ([4], 0.6, 4, false), ([6, 7], 0.72, 8, true),
      ([7], 0.77, 8, false), ([7], 0.79, 8, true), ([7], 0.58, 0, false), ([7], 0.59, 0, true),
      // C clashes, so the margin is 1.4 at mid-bar, 2 on other beats. F sharp does not fit either.
      ([2], 0.59, 8, true), ([2], 0.58, 8, false), ([2], 0.67, 4, true), ([2], 0.66, 4, false),
      // C clashes, and F sharp counts 1.4 times if all notes belong to it, 1.2 times if half do.
      ([6], 0.59, 4, true), ([1, 6], 0.51, 8, true), ([6], 0.58, 4, false), ([6], 0.6, 5, false),
      ([2, 6], 0.55, 8, true), ([2, 6], 0.53, 8, false), ([6], 0.42, 0, true),
      ([6], 0.41, 0, false),
    ] as [([UInt8], Double, Int, Bool)])
  func recentMelodyFit(pitchClasses: [UInt8], share: Double, place: Int, isReplaced: Bool) {
    let notes = PitchClassSet(pitchClasses.compactMap(PitchClass.init(rawValue:)))
    let recent = RecentMelody(lastBeat: notes, lastTwoBeats: notes)
    #expect(
      chordAfterC(fSharp: share, at: place, recent) == (isReplaced ? Self.fSharp : Self.c))
  }

  @Test("a clash depends on the last beat, the fit on the last two")
  func clashAndFit() {
    let (c, fSharp) = (PitchClassSet(rawValue: 1), PitchClassSet(rawValue: 1 << 6))
    func chord(
      fSharp share: Double, lastBeat: PitchClassSet, lastTwoBeats: PitchClassSet
    ) -> ChordTokens {
      chordAfterC(
        fSharp: share, at: 8, RecentMelody(lastBeat: lastBeat, lastTwoBeats: lastTwoBeats))
    }
    #expect(chord(fSharp: 0.53, lastBeat: fSharp, lastTwoBeats: fSharp) == Self.fSharp)
    #expect(chord(fSharp: 0.53, lastBeat: fSharp, lastTwoBeats: [c, fSharp]) == Self.c)
    #expect(chord(fSharp: 0.6, lastBeat: fSharp, lastTwoBeats: [c, fSharp]) == Self.fSharp)
    #expect(chord(fSharp: 0.6, lastBeat: c, lastTwoBeats: [c, fSharp]) == Self.c)
  }

  /// Each case: how much of the predicted melody is C and how much F sharp, the share of votes for
  /// F sharp over the sounding C, the frame in a bar of sixteen, whether the frame is rolled out,
  /// and whether F sharp replaces C.
  @Test(
    "a chord that fits the predicted melody counts more",
    arguments: [
      // As much of each, or no prediction: both chords count the same.
      (1, 1, 0.71, 8, false, false), (1, 1, 0.72, 8, false, true), (0, 0, 0.71, 8, false, false),
      // All of it F sharp: that chord counts 2.2 times, and C clashes.
      (0, 3, 0.48, 4, false, true), (0, 3, 0.47, 4, false, false), (0, 3, 0.32, 0, false, true),
      (0, 3, 0.31, 0, false, false),
      // C does not clash if a quarter of the predicted melody belongs to it.
      (1, 3, 0.63, 8, false, false), (1, 3, 0.64, 8, false, true), (1, 3.1, 0.6, 8, false, true),
      // In frames that are rolled out, the predicted melody makes no clash.
      (0, 3, 0.44, 4, true, false), (0, 3, 0.46, 4, true, true),
    ] as [(Double, Double, Double, Int, Bool, Bool)])
  func predictedMelodyFit(
    c: Double, fSharp: Double, share: Double, place: Int, isRolledOut: Bool, isReplaced: Bool
  ) {
    var predicted = PitchClassShares()
    if c > 0 { predicted.add(c, to: PitchClassSet(rawValue: 1)) }
    if fSharp > 0 { predicted.add(fSharp, to: PitchClassSet(rawValue: 1 << 6)) }
    let chord = chordAfterC(
      fSharp: share, at: place, RecentMelody(), predicted: predicted, isRolledOut: isRolledOut)
    #expect(chord == (isReplaced ? Self.fSharp : Self.c))
  }

  /// Each case: the weight of the short context, the frame in a bar of sixteen, the share of votes
  /// for F sharp over the sounding C, and whether F sharp replaces C. A weight of 0.5 lowers the
  /// margin from 5 to 3, a weight of 1 to 1.
  @Test(
    "the margins are lower if the melody is novel",
    arguments: [
      (0.5, 4, 0.74, false), (0.5, 4, 0.76, true), (1, 4, 0.51, true), (1, 8, 0.49, false),
    ])
  func shortContextLowersMargins(weight: Double, place: Int, share: Double, isReplaced: Bool) {
    let chord = chordAfterC(fSharp: share, at: place, RecentMelody(shortContextWeight: weight))
    #expect(chord == (isReplaced ? Self.fSharp : Self.c))
  }

  @Test("a chord counts less for each pitch class beyond three")
  func extraTonesCountLess() {
    var votes = Votes()
    votes.add(0.52, for: Self.g7)
    votes.add(0.48, for: Self.fSharp)
    let place = MetricalPlace(place: 0, length: 16, bar: 0, meter: .fourFour)
    let chord = Consensus(Self.vocabulary).choice(votes, over: ChordChoice(), at: place).chord
    #expect(chord == Self.fSharp)
  }

  /// The chord that follows a sounding C if F sharp has `share` of the votes, and C the rest.
  private func chordAfterC(
    fSharp share: Double, at place: Int, _ recent: RecentMelody,
    predicted: PitchClassShares = PitchClassShares(), isRolledOut: Bool = false
  ) -> ChordTokens {
    var votes = Votes()
    votes.add(1 - share, for: Self.c)
    votes.add(share, for: Self.fSharp)
    let place = MetricalPlace(place: place, length: 16, bar: 0, meter: .fourFour)
    return Consensus(Self.vocabulary).choice(
      votes, over: ChordChoice(chord: Self.c), at: place, recent: recent, predicted: predicted,
      isRolledOut: isRolledOut
    ).chord
  }

  @Test(
    "in frames that are rolled out the margins are 1.6 at mid-bar and 1.8 on other beats",
    arguments: [(8, 0.61, false), (8, 0.62, true), (4, 0.64, false), (4, 0.65, true)])
  func rolloutMargins(place: Int, share: Double, isReplaced: Bool) {
    var votes = Votes()
    votes.add(1 - share, for: Self.c)
    votes.add(share, for: Self.fSharp)
    let place = MetricalPlace(place: place, length: 16, bar: 0, meter: .fourFour)
    let choice = Consensus(Self.vocabulary).choice(
      votes, over: ChordChoice(chord: Self.c), at: place, isRolledOut: true)
    #expect(choice.chord == (isReplaced ? Self.fSharp : Self.c))
  }

  @Test("a single voter's choice is taken between beats too, without a confidence")
  func singleVoter() {
    var votes = Votes()
    votes.add(1, for: Self.am)
    let place = MetricalPlace(place: 5, length: 16, bar: 0, meter: .fourFour)
    let choice = Consensus(Self.vocabulary).choice(
      votes, over: ChordChoice(chord: Self.c), at: place, hasOneVoter: true)
    #expect(choice == ChordChoice(chord: Self.am))
  }

  /// Each case: votes on a beat, and the confidence of the chosen chord, C.
  @Test(
    "the confidence is the share of the votes that agrees with the chord",
    arguments: [
      ([(c, 1.0)], 1.0), ([(c, 0.3)], 1.0), ([(c, 0.75), (fSharp, 0.25)], 0.75),
      // C has 3 tones and Am7 has 4, of which 3 are common: 6/7. Common tones weigh 0.345.
      ([(c, 0.5), (am7, 0.5)], 0.5 + 0.5 * 0.345 * 6 / 7), ([], nil),
    ])
  func confidenceIsAgreement(shares: [(ChordTokens, Double)], confidence: Double?) {
    var votes = Votes()
    for (chord, share) in shares { votes.add(share, for: chord) }
    let place = MetricalPlace(place: 4, length: 16, bar: 0, meter: .fourFour)
    let choice = Consensus(Self.vocabulary).choice(
      votes, over: ChordChoice(chord: Self.c), at: place)
    #expect(choice.chord == Self.c)
    #expect(abs((choice.confidence ?? -1) - (confidence ?? -1)) < 1e-9)
  }

  @Test("between beats the sounding chord keeps its confidence")
  func keepsConfidenceBetweenBeats() {
    let sounding = ChordChoice(chord: Self.c, confidence: 0.4)
    var votes = Votes()
    votes.add(1, for: Self.am)
    let place = MetricalPlace(place: 5, length: 16, bar: 0, meter: .fourFour)
    let choice = Consensus(Self.vocabulary).choice(votes, over: sounding, at: place)
    #expect(choice == sounding)
  }

  /// Melodies in F sharp major and in B flat major: the chords must follow them there.
  @Test("several hypotheses follow a melody into its key better than one")
  func findsKey() throws {
    for tonic in [66, 70] {
      let single = try notesInChords(hypotheses: 1, tonic: tonic)
      let many = try notesInChords(hypotheses: 16, tonic: tonic)
      #expect(many > 0.5 && many > single, "\(tonic): \(many), with one \(single)")
    }
  }

  /// The share of frames after the first four bars in which the melody's note belongs to the chord,
  /// over four seeds.
  private func notesInChords(hypotheses: Int, tonic: Int) throws -> Double {
    let arpeggios = [0, 4, 7, 4, 5, 9, 12, 9, 7, 11, 14, 11, 0, 4, 7, 12]
    var (hits, frames) = (0, 0)
    for seed in 1...4 as ClosedRange<UInt64> {
      var settings = Settings(
        lookahead: 0.25, commit: 0, silence: 0, temperature: 1, seed: Int(seed))
      (settings.hypotheses, settings.melodyOnly) = (hypotheses, 0)
      let model = try AgentTests.model.get()
      var agent = try Agent(settings) { _ in model }
      for frame in 0..<160 {
        let time = Microseconds(Int64(frame) * 125_000)
        let plan = try agent.answer(Record(time: time, event: .tick(Frame(frame))))
        let pitch = Pitch(tonic + arpeggios[frame / 4 % arpeggios.count])!
        if frame % 4 == 0 {
          let note = Note(channel: Channel(1)!, pitch: pitch, velocity: Velocity(80)!)
          _ = try agent.receive(Record(time: time, event: .message(.noteOn(note))))
        }
        guard frame >= 64, let symbol = plan?.chords[0].symbol else { continue }
        frames += 1
        let note = PitchClass(semitonesAboveC: Int(pitch.rawValue))
        if try ChordSymbol(symbol).pitchClasses.contains(note) { hits += 1 }
      }
    }
    return Double(hits) / Double(frames)
  }
}
