/// A pitch without its octave: 0 is C, 11 is B.
public struct PitchClass: RawRepresentable, Hashable, Comparable, Sendable {
  /// Semitones above C, 0 to 11.
  public let rawValue: UInt8

  /// Nil unless `rawValue` is 0 to 11.
  public init?(rawValue: UInt8) {
    guard rawValue < 12 else { return nil }
    self.rawValue = rawValue
  }

  /// The pitch class so many semitones above C, or below it where negative.
  public init(semitonesAboveC semitones: Int) {
    let remainder = semitones % 12
    rawValue = UInt8(remainder < 0 ? remainder + 12 : remainder)
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The pitch class so many semitones above, or below where negative.
  public func transposed(by semitones: Int) -> PitchClass {
    // Reduced first: any number of semitones is valid.
    PitchClass(semitonesAboveC: Int(rawValue) + semitones % 12)
  }

  /// Semitones from `root` up to this, 0 to 11.
  public func semitones(above root: PitchClass) -> Int {
    (Int(rawValue) - Int(root.rawValue) + 12) % 12
  }
}

/// A set of pitch classes.
public struct PitchClassSet: OptionSet, Hashable, Sendable {
  /// Bit n stands for the pitch class n.
  public let rawValue: UInt16

  /// Bits above the twelfth are dropped.
  public init(rawValue: UInt16) { self.rawValue = rawValue & 0xFFF }

  /// The set of one pitch class.
  public init(_ pitchClass: PitchClass) { rawValue = 1 << UInt16(pitchClass.rawValue) }

  /// The set of these pitch classes.
  public init(_ pitchClasses: some Sequence<PitchClass>) {
    rawValue = pitchClasses.reduce(0) { bits, pitchClass in bits | 1 << pitchClass.rawValue }
  }

  /// How many pitch classes are in the set.
  public var count: Int { rawValue.nonzeroBitCount }

  /// Its pitch classes, C first.
  public var pitchClasses: [PitchClass] {
    (0..<12).compactMap { number in
      rawValue & 1 << number == 0 ? nil : PitchClass(rawValue: number)
    }
  }

  /// Whether the pitch class is in the set.
  public func contains(_ pitchClass: PitchClass) -> Bool {
    contains(PitchClassSet(pitchClass))
  }

  /// The set so many semitones above, or below where negative.
  public func transposed(by semitones: Int) -> PitchClassSet {
    let up = PitchClass(semitonesAboveC: semitones).rawValue
    return PitchClassSet(rawValue: rawValue << up | rawValue >> (12 - up))
  }
}
