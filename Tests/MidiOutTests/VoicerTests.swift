import Chords
import CommandSupport
import Music
import TestSupport
import Testing

@testable import midi_out

struct VoicerTests {
  private static let register = Pitch(52)!...Pitch(74)!
  private static let bassRegister = Pitch(31)!...Pitch(47)!

  /// The voicings of symbols, one after another.
  private static func voicings(_ symbols: String) throws -> [Voicing] {
    var voicer = Voicer(register: register, bassRegister: bassRegister)
    return try symbols.split(separator: " ").map { text in
      let symbol = try ChordSymbol(String(text))
      let chord = try #require(symbol.chord)
      return voicer.voicing(of: chord, bass: try #require(symbol.bass))
    }
  }

  private static func classes(_ pitches: [Pitch]) -> Set<Int> {
    Set(pitches.map { Int($0.rawValue) % 12 })
  }

  private static let toneCases: [(symbol: String, bass: Int, upper: Set<Int>)] = [
    // A triad keeps its three tones above the bass; the third in the bass is not doubled.
    ("C", 0, [0, 4, 7]), ("Am", 9, [0, 4, 9]), ("C/E", 4, [0, 7]), ("C/G", 7, [0, 4]),
    // The bass plays the root, the upper voices the other tones.
    ("C7", 0, [4, 7, 10]), ("Dm7b5", 2, [5, 8, 0]), ("C7/Bb", 10, [0, 4, 7]),
    ("C/D", 2, [0, 4, 7]), ("Csus4", 0, [0, 5, 7]),
    // With more than four tones the fifth is left out first; guide tones and alterations stay.
    ("C9", 0, [4, 7, 10, 2]), ("C13", 0, [4, 10, 2, 9]), ("Cm11", 0, [3, 10, 2, 5]),
    ("C7b9#5", 0, [4, 10, 1, 8]), ("C13/A", 9, [4, 10, 2, 0]),
  ]

  @Test("chooses the important tones of a chord", arguments: toneCases)
  func tones(symbol: String, bass: Int, upper: Set<Int>) throws {
    let voicing = try #require(try Self.voicings(symbol).first)
    #expect(Int(voicing.bass.rawValue) % 12 == bass)
    #expect(Self.classes(voicing.upper) == upper)
    #expect(3...4 ~= voicing.upper.count)
  }

  @Test("stays below the melody wherever the register has room", arguments: 64...76)
  func staysBelowCeiling(ceiling: Int) throws {
    var voicer = Voicer(register: Self.register, bassRegister: Self.bassRegister)
    for symbol in "C Am F G7 C Dm7 G C E7 Am D7 G Bdim C".split(separator: " ") {
      let chord = try #require(try ChordSymbol(String(symbol)).chord)
      let voicing = voicer.voicing(
        of: chord, bass: chord.root.pitchClass, below: Pitch(ceiling))
      #expect(voicing.upper.allSatisfy { $0 < Pitch(ceiling)! }, "\(symbol)")
      #expect(voicing.upper.count >= 3)
    }
  }

  @Test("moves little through the cycle of fifths")
  func cycleOfFifthsMovesLittle() throws {
    let sevenths = try Self.voicings(
      "Cmaj7 Fmaj7 Bm7b5 E7 Am7 D7 G7 C7 F7 Bb7 Eb7 Ab7 Db7 Gb7 B7 E7 A7 D7 G7 Cmaj7")
    let triads = try Self.voicings("C F Bb Eb Ab Db Gb B E A D G C")
    // In semitones for each voice, on average.
    #expect(Self.meanMotion(sevenths) <= 1.85)
    #expect(Self.meanMotion(triads) <= 1.7)
  }

  @Test(
    "moves voices no more than the best of all voicings does",
    arguments: [
      // The least possible motion of all voices together, in semitones.
      ("C", "Em", 1), ("C", "Am", 2), ("C", "F", 3), ("C", "G", 3), ("Am", "F", 1), ("C", "Cm", 1),
      ("Dm7", "G7", 4), ("Cmaj7", "Am7", 1),
    ])
  func voicesMoveNoMoreThanTheyMust(from: String, to: String, semitones: Int) throws {
    let voicings = try Self.voicings("\(from) \(to)")
    let moved = zip(voicings[0].upper, voicings[1].upper).map {
      abs(Int($0.0.rawValue) - Int($0.1.rawValue))
    }
    #expect(moved.reduce(0, +) == semitones, "\(voicings)")
  }

  private static func meanMotion(_ voicings: [Voicing]) -> Double {
    let motions = zip(voicings, voicings.dropFirst()).flatMap { from, to in
      zip(from.upper, to.upper).map { abs(Int($0.0.rawValue) - Int($0.1.rawValue)) }
    }
    return Double(motions.reduce(0, +)) / Double(motions.count)
  }

  @Test("keeps common tones in their places")
  func commonTonesStay() throws {
    let voicings = try Self.voicings("C Am C Em G")
    for (from, to) in zip(voicings, voicings.dropFirst()) {
      let common = Self.classes(from.upper).intersection(Self.classes(to.upper))
      let held = Set(from.upper).intersection(to.upper)
      #expect(held.count >= common.count, "\(from) → \(to)")
    }
  }

  @Test("voices a repeated chord the same")
  func sameChordSoundsTheSame() throws {
    let voicings = try Self.voicings("G7 C C C/E C/E")
    #expect(voicings[1] == voicings[2])
    #expect(voicings[3] == voicings[4])
  }

  @Test("keeps any chord in its registers", arguments: 0..<20 as Range<UInt64>)
  func anyChordsStayInTheirRegisters(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let qualities = [
      "", "m", "7", "maj7", "m7", "m7b5", "dim7", "sus4", "sus2", "6", "m6", "9", "13", "7alt",
      "5", "aug", "add9", "mMaj7", "maj13", "m11", "7sus4", "no5", "13b9#11",
    ]
    let low = Int.random(in: 40...60, using: &random)
    let register = Pitch(low)!...Pitch(low + Int.random(in: 12...30, using: &random))!
    var voicer = Voicer(register: register, bassRegister: Self.bassRegister)
    for _ in 0..<50 {
      let root = NoteName(PitchClass(semitonesAboveC: .random(in: 0..<12, using: &random)))
      let quality = try ChordQuality(qualities.randomElement(using: &random)!)
      let bass = PitchClass(semitonesAboveC: .random(in: 0..<12, using: &random))
      let chord = Chord(root: root, quality: quality)
      let voicing = voicer.voicing(of: chord, bass: bass)
      let place = "seed \(seed): \(root)\(quality) over \(bass) in \(register): \(voicing)"
      #expect(Self.bassRegister.contains(voicing.bass), "\(place)")
      #expect(voicing.bass.rawValue % 12 == bass.rawValue, "\(place)")
      #expect(voicing.upper.allSatisfy(register.contains), "\(place)")
      #expect(voicing.upper.count <= 4 && !voicing.upper.isEmpty, "\(place)")
      #expect(zip(voicing.upper, voicing.upper.dropFirst()).allSatisfy(<), "\(place)")
      let tones = Set(chord.pitchClasses.pitchClasses.map { Int($0.rawValue) })
      #expect(Self.classes(voicing.upper).isSubset(of: tones), "\(place)")
    }
  }

  @Test(
    "reads registers as names and as numbers",
    arguments: [
      ("E3-D5", 52, 74), ("52-74", 52, 74), ("C4-C5", 60, 72), ("Bb2-F#4", 46, 66),
      ("0-127", 0, 127),
    ])
  func registerIsRead(text: String, low: Int, high: Int) throws {
    #expect(try Register(text).pitches == Pitch(low)!...Pitch(high)!)
  }

  @Test(
    "refuses what is no register of an octave or more",
    arguments: ["", "60", "60-71", "C4", "C4-B4", "H4-C6", "C-C", "50-128", "D5-E3", "C99-D99"])
  func registerIsRefused(text: String) {
    #expect(throws: Failure.self) { try Register(text) }
  }
}
