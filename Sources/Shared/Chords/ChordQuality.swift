/// What a chord is made of, apart from its root: `m7`, `7sus4`, or nothing for a major triad.
///
/// Two qualities are equal when their canonical texts are; so tones that can be named in two ways
/// are named in one: an added thirteenth without a seventh is a sixth, a suspended second takes in
/// the ninth, a suspended fourth the eleventh, and a sixth on a diminished triad is its seventh.
public struct ChordQuality: Hashable, Sendable {
  /// The third, or what stands in its place.
  public enum Third: Hashable, CaseIterable, Sendable {
    case major
    case minor
    case suspendedSecond
    case suspendedFourth
    /// Neither third nor suspension, as in C5.
    case absent
  }

  /// The seventh, or the sixth of a chord without one.
  public enum Seventh: Hashable, CaseIterable, Sendable {
    case absent
    case sixth
    case diminished
    case minor
    case major
  }

  /// Fifths, ninths, elevenths and thirteenths.
  public struct Tones: OptionSet, Hashable, Sendable {
    /// One bit for each tone.
    public let rawValue: UInt16

    /// Bits without a tone are kept here, and dropped by a quality.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let flatFifth = Tones(rawValue: 1 << 0)
    public static let fifth = Tones(rawValue: 1 << 1)
    public static let sharpFifth = Tones(rawValue: 1 << 2)
    public static let flatNinth = Tones(rawValue: 1 << 3)
    public static let ninth = Tones(rawValue: 1 << 4)
    public static let sharpNinth = Tones(rawValue: 1 << 5)
    public static let eleventh = Tones(rawValue: 1 << 6)
    public static let sharpEleventh = Tones(rawValue: 1 << 7)
    public static let flatThirteenth = Tones(rawValue: 1 << 8)
    public static let thirteenth = Tones(rawValue: 1 << 9)

    /// Both altered fifths and both altered ninths.
    public static let altered: Tones = [.flatFifth, .sharpFifth, .flatNinth, .sharpNinth]

    static let fifths: Tones = [.flatFifth, .fifth, .sharpFifth]
    static let ninths: Tones = [.flatNinth, .ninth, .sharpNinth]
    static let elevenths: Tones = [.eleventh, .sharpEleventh]
    static let thirteenths: Tones = [.flatThirteenth, .thirteenth]
  }

  /// The third, or what stands in its place.
  public internal(set) var third: Third
  /// The seventh or sixth.
  public internal(set) var seventh: Seventh
  /// The other tones. Where both a natural tone and its alteration are there, both sound.
  public internal(set) var tones: Tones

  /// `third`, `seventh` and `tones`, each tone by the one name it has here.
  public init(third: Third, seventh: Seventh = .absent, tones: Tones = .fifth) {
    self.third = third
    self.seventh = seventh
    self.tones = tones.intersection([.fifths, .ninths, .elevenths, .thirteenths])
    settle()
  }

  private mutating func settle() {
    if third == .suspendedSecond { tones.remove(.ninth) }
    if third == .suspendedFourth { tones.remove(.eleventh) }
    if seventh == .absent, tones.contains(.thirteenth) { seventh = .sixth }
    if seventh == .sixth || seventh == .diminished {
      tones.remove(.thirteenth)
      let isDiminished = third == .minor && tones.intersection(.fifths) == .flatFifth
      seventh = isDiminished ? .diminished : .sixth
    }
  }

  /// Semitones above the root, as the pitch classes of the chord on C; the root is among them.
  public var intervals: PitchClassSet {
    var semitones = [0]
    switch third {
    case .major: semitones.append(4)
    case .minor: semitones.append(3)
    case .suspendedSecond: semitones.append(2)
    case .suspendedFourth: semitones.append(5)
    case .absent: break
    }
    switch seventh {
    case .absent: break
    case .sixth, .diminished: semitones.append(9)
    case .minor: semitones.append(10)
    case .major: semitones.append(11)
    }
    // In the order of the tones' bits.
    for (bit, interval) in [6, 7, 8, 1, 2, 3, 5, 6, 8, 9].enumerated()
    where tones.rawValue & 1 << bit != 0 {
      semitones.append(interval)
    }
    return PitchClassSet(semitones.map(PitchClass.init(semitonesAboveC:)))
  }
}
