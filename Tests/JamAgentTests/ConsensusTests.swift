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

  /// Votes, what sounds, the frame in a bar of sixteen, what follows.
  @Test(arguments: [
    // On the bar line what has most wins; of two with as much, what sounds.
    ([(c, 0.4), (fSharp, 0.6)], c, 0, fSharp),
    ([(c, 0.5), (fSharp, 0.5)], c, 0, c),
    // In the middle of the bar it takes 2.5 times as much, on a beat 5 times; between, all is lost.
    ([(c, 0.29), (fSharp, 0.71)], c, 8, c),
    ([(c, 0.28), (fSharp, 0.72)], c, 8, fSharp),
    ([(c, 0.17), (fSharp, 0.83)], c, 4, c),
    ([(c, 0.16), (fSharp, 0.84)], c, 12, fSharp),
    ([(c, 0.0), (fSharp, 1.0)], c, 5, c),
    // Those who differ a little hold together against one that has more than any of them.
    ([(fSharp, 0.4), (g, 0.3), (g7, 0.3)], fSharp, 0, g),
    ([(fSharp, 0.38), (c, 0.31), (am7, 0.31)], fSharp, 0, c),
    // What nobody votes for any more goes; off the bar line not for a chord that has much in common
    // with it.
    ([(fSharp, 1.0)], c, 4, fSharp),
    ([(am, 1.0)], c, 8, am),
    ([(am, 1.0)], c, 4, c),
    ([(.noChord, 1.0)], c, 4, .noChord),
    // After silence any eighth note will do.
    ([(c, 1.0)], .noChord, 6, c),
    ([(c, 1.0)], .noChord, 7, .noChord),
    // No votes: nothing changes.
    ([], c, 0, c),
  ])
  func theChordIsTheOneDisagreedWithLeast(
    shares: [(ChordTokens, Double)], sounding: ChordTokens, place: Int, expected: ChordTokens
  ) {
    var votes = Votes()
    for (chord, share) in shares { votes.add(share, for: chord) }
    let place = MetricalPlace(place: place, length: 16, bar: 0, meter: .fourFour)
    let choice = Consensus(Self.vocabulary).choice(
      votes, over: ChordChoice(chord: sounding), at: place)
    #expect(choice.chord == expected)
  }

  /// Where votes that are all for another chord can bring it in.
  @Test(arguments: [
    (Meter(4, 4)!, [0, 4, 8, 12]), (Meter(3, 4)!, [0, 4, 8]), (Meter(6, 8)!, [0, 6]),
    (Meter(2, 4)!, [0, 4]), (Meter(9, 8)!, [0, 6, 12]),
  ])
  func chordsChangeOnBeats(meter: Meter, places: [Int]) {
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

  /// Where they can bring it in if nothing sounds.
  @Test(arguments: [
    (Meter(4, 4)!, false, [0, 2, 4, 6, 8, 10, 12, 14]), (Meter(6, 8)!, false, [0, 2, 4, 6, 8, 10]),
    (Meter(5, 16)!, false, [0, 2, 4]), (Meter(6, 8)!, true, [0, 6]),
  ])
  func chordsComeInOnEighths(meter: Meter, entersOnBeats: Bool, places: [Int]) {
    let length = Int(4 * meter.beatsPerBar)
    let consensus = Consensus(Self.vocabulary, entersOnBeats: entersOnBeats)
    let entries = (0..<length).filter { place in
      let place = MetricalPlace(place: place, length: length, bar: 0, meter: meter)
      return consensus.mayChange(at: place, isSilent: true)
    }
    #expect(entries == places)
  }

  /// Notes of late, votes for another chord than the C that sounds, the frame in a bar of sixteen,
  /// whether it comes in.
  @Test(
    arguments: [
      // Nothing was heard, or something that belongs to either, or to C: it takes 2.5 or 5 times as
      // many votes, and 1.4 times as many of those where all of it belongs to C.
      ([], 0.6, 4, false), ([4], 0.6, 4, false), ([6, 7], 0.72, 8, true),
      ([7], 0.77, 8, false), ([7], 0.79, 8, true), ([7], 0.58, 0, false), ([7], 0.59, 0, true),
      // Something else was: 1.4 times as many, and twice, where nothing of it belongs to F sharp,
      // either.
      ([2], 0.59, 8, true), ([2], 0.58, 8, false), ([2], 0.67, 4, true), ([2], 0.66, 4, false),
      // Those count 1.4 times where all of it does, and 1.2 times where half does.
      ([6], 0.59, 4, true), ([1, 6], 0.51, 8, true), ([6], 0.58, 4, false), ([6], 0.6, 5, false),
      ([2, 6], 0.55, 8, true), ([2, 6], 0.53, 8, false), ([6], 0.42, 0, true),
      ([6], 0.41, 0, false),
    ] as [([UInt8], Double, Int, Bool)])
  func whatFitsCountsMore(heard: [UInt8], share: Double, place: Int, isLeft: Bool) {
    let notes = PitchClassSet(heard.compactMap(PitchClass.init(rawValue:)))
    #expect(
      follows(share, at: place, RecentMelody(lastBeat: notes, lastTwoBeats: notes))
        == (isLeft ? Self.fSharp : Self.c))
  }

  @Test func aClashIsWithTheLastBeatAndFitWithTwo() {
    let (c, fSharp) = (PitchClassSet(rawValue: 1), PitchClassSet(rawValue: 1 << 6))
    #expect(
      follows(0.53, at: 8, RecentMelody(lastBeat: fSharp, lastTwoBeats: fSharp)) == Self.fSharp)
    #expect(
      follows(0.53, at: 8, RecentMelody(lastBeat: fSharp, lastTwoBeats: [c, fSharp])) == Self.c)
    #expect(
      follows(0.6, at: 8, RecentMelody(lastBeat: fSharp, lastTwoBeats: [c, fSharp])) == Self.fSharp)
    #expect(follows(0.6, at: 8, RecentMelody(lastBeat: c, lastTwoBeats: [c, fSharp])) == Self.c)
  }

  /// How much of the melody to come falls on C and on F sharp, votes for F sharp over the C that
  /// sounds, the frame in a bar of sixteen, whether it is imagined, whether F sharp comes in.
  @Test(
    arguments: [
      // As much on either, or nothing: as if nothing were known.
      (1, 1, 0.71, 8, false, false), (1, 1, 0.72, 8, false, true), (0, 0, 0.71, 8, false, false),
      // All on F sharp, which then counts 2.2 times, and C clashes.
      (0, 3, 0.48, 4, false, true), (0, 3, 0.47, 4, false, false), (0, 3, 0.32, 0, false, true),
      (0, 3, 0.31, 0, false, false),
      // A quarter is enough not to clash.
      (1, 3, 0.63, 8, false, false), (1, 3, 0.64, 8, false, true), (1, 3.1, 0.6, 8, false, true),
      // What is imagined is no clash with what is imagined.
      (0, 3, 0.44, 4, true, false), (0, 3, 0.46, 4, true, true),
    ] as [(Double, Double, Double, Int, Bool, Bool)])
  func whatIsToComeCounts(
    onC: Double, onFSharp: Double, share: Double, place: Int, isRolledOut: Bool, isLeft: Bool
  ) {
    var predicted = PitchClassShares()
    if onC > 0 { predicted.add(onC, to: PitchClassSet(rawValue: 1)) }
    if onFSharp > 0 { predicted.add(onFSharp, to: PitchClassSet(rawValue: 1 << 6)) }
    let chord = follows(
      share, at: place, RecentMelody(), predicted: predicted, isRolledOut: isRolledOut)
    #expect(chord == (isLeft ? Self.fSharp : Self.c))
  }

  /// How new it is what is heard: half, and 3 times as many votes bring another in on a beat instead
  /// of 5; all, and as many do.
  @Test(
    arguments: [
      (0.5, 4, 0.74, false), (0.5, 4, 0.76, true), (1, 4, 0.51, true), (1, 8, 0.49, false),
    ])
  func whatIsNewLetsChordsChange(novelty: Double, place: Int, share: Double, isLeft: Bool) {
    let chord = follows(share, at: place, RecentMelody(novelty: novelty))
    #expect(chord == (isLeft ? Self.fSharp : Self.c))
  }

  @Test func crowdedChordsCountLess() {
    var votes = Votes()
    votes.add(0.52, for: Self.g7)
    votes.add(0.48, for: Self.fSharp)
    let place = MetricalPlace(place: 0, length: 16, bar: 0, meter: .fourFour)
    let chord = Consensus(Self.vocabulary).choice(votes, over: ChordChoice(), at: place).chord
    #expect(chord == Self.fSharp)
  }

  /// What follows C where F sharp has that share of the votes and C the rest.
  private func follows(
    _ share: Double, at place: Int, _ recent: RecentMelody,
    predicted: PitchClassShares = PitchClassShares(),
    isRolledOut: Bool = false
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

  /// In the middle of the bar and on a beat, 1.6 and 1.8 times as much is enough for a frame to come.
  @Test(arguments: [(8, 0.61, false), (8, 0.62, true), (4, 0.64, false), (4, 0.65, true)])
  func whatIsImaginedChangesSooner(place: Int, share: Double, isLeft: Bool) {
    var votes = Votes()
    votes.add(1 - share, for: Self.c)
    votes.add(share, for: Self.fSharp)
    let place = MetricalPlace(place: place, length: 16, bar: 0, meter: .fourFour)
    let choice = Consensus(Self.vocabulary).choice(
      votes, over: ChordChoice(chord: Self.c), at: place, isRolledOut: true)
    #expect(choice.chord == (isLeft ? Self.fSharp : Self.c))
  }

  @Test func oneMindHasItsWay() {
    var votes = Votes()
    votes.add(1, for: Self.am)
    let place = MetricalPlace(place: 5, length: 16, bar: 0, meter: .fourFour)
    let choice = Consensus(Self.vocabulary).choice(
      votes, over: ChordChoice(chord: Self.c), at: place, isUnanimous: true)
    #expect(choice == ChordChoice(chord: Self.am))
  }

  /// Votes and the confidence in what is played on a beat.
  @Test(arguments: [
    ([(c, 1.0)], 1.0), ([(c, 0.3)], 1.0), ([(c, 0.75), (fSharp, 0.25)], 0.75),
    // Of seven tones C and Am7 have three in common, twice; common tones are worth .345.
    ([(c, 0.5), (am7, 0.5)], 0.5 + 0.5 * 0.345 * 6 / 7), ([], nil),
  ])
  func whoAgreesIsSure(shares: [(ChordTokens, Double)], confidence: Double?) {
    var votes = Votes()
    for (chord, share) in shares { votes.add(share, for: chord) }
    let place = MetricalPlace(place: 4, length: 16, bar: 0, meter: .fourFour)
    let choice = Consensus(Self.vocabulary).choice(
      votes, over: ChordChoice(chord: Self.c), at: place)
    #expect(choice.chord == Self.c)
    #expect(abs((choice.confidence ?? -1) - (confidence ?? -1)) < 1e-9)
  }

  @Test func betweenBeatsConfidenceLasts() {
    let sounding = ChordChoice(chord: Self.c, confidence: 0.4)
    var votes = Votes()
    votes.add(1, for: Self.am)
    let place = MetricalPlace(place: 5, length: 16, bar: 0, meter: .fourFour)
    let choice = Consensus(Self.vocabulary).choice(votes, over: sounding, at: place)
    #expect(choice == sounding)
  }

  @Test func severalMindsFindTheKey() throws {
    // A melody in F sharp major and one in B flat: chords must follow them there.
    for tonic in [66, 70] {
      let single = try notesInChords(hypotheses: 1, tonic: tonic)
      let many = try notesInChords(hypotheses: 16, tonic: tonic)
      #expect(many > 0.5 && many > single, "\(tonic): \(many), with one \(single)")
    }
  }

  /// The share of frames after the first four bars whose melody note is in the chord, over four seeds.
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
