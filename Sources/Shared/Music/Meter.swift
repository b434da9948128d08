/// How beats are grouped into bars. A beat of the stream is always a quarter note, so a bar of 6/8
/// is three beats long.
public struct Meter: Hashable, Sendable {
  /// The upper number of the meter, 1 to 64: how many notes a bar has.
  public let numerator: Int
  /// The lower number of the meter, a power of two from 1 to 64. It says which notes the numerator
  /// counts: 4 for quarter notes, 8 for eighths.
  public let denominator: Int
  /// Bit n is set if the meter says that a group begins with note n of the bar; 0 if it says
  /// nothing about groups.
  private let groupStarts: UInt64

  /// A meter without a grouping, such as 7/8. Nil unless the numerator is 1 to 64 and the
  /// denominator a power of two up to 64.
  public init?(_ numerator: Int, _ denominator: Int) {
    self.init(numerator, denominator, groupStarts: 0)
  }

  /// A meter with a grouping, such as 3+2+2/8; with one group it is the meter without. Nil unless
  /// each group has at least one note, the sum is 1 to 64, and the denominator a power of two up to
  /// 64.
  public init?(groups: [Int], _ denominator: Int) {
    var (starts, notes) = (UInt64(0), 0)
    for group in groups {
      guard 1...64 ~= group, notes < 64 else { return nil }
      starts |= 1 << UInt64(notes)
      notes += group
    }
    self.init(notes, denominator, groupStarts: groups.count > 1 ? starts : 0)
  }

  private init?(_ numerator: Int, _ denominator: Int, groupStarts: UInt64) {
    guard 1...64 ~= numerator, 1...64 ~= denominator, denominator.nonzeroBitCount == 1 else {
      return nil
    }
    self.numerator = numerator
    self.denominator = denominator
    self.groupStarts = groupStarts
  }

  public static let fourFour = Meter(4, 4)!

  /// The length of a bar in beats (quarter notes).
  public var beatsPerBar: Double { 4 * Double(numerator) / Double(denominator) }

  /// The notes of each group that the meter names: 3, 2 and 2 of 3+2+2/8; empty if it names none.
  public var groups: [Int] {
    let starts = (0..<numerator).filter { groupStarts & 1 << UInt64($0) != 0 }
    return zip(starts, starts.dropFirst() + [numerator]).map { $1 - $0 }
  }

  /// Whether a bar counts in dotted notes, three of its notes each: in 3/8, where it is one such
  /// beat for the harmony, 6/8, 9/8 and 12/8. A bar with unequal groups does not.
  public var isCompound: Bool { denominator >= 8 && numerator % 3 == 0 && !isAdditive }

  /// Whether a bar is counted in groups of unequal length, or in those that the meter names: so
  /// are 5/8 and 7/4. Then chords change where groups begin.
  public var isAdditive: Bool {
    groupStarts != 0 || numerator % 2 == 1 && numerator % 3 != 0 && usualGroups != 0
  }

  /// Whether a beat begins with note `note` of the bar, counted from 0, as one taps the meter.
  ///
  /// In eighths and finer notes, beats are the groups of `beginsGroup(note:)`: dotted quarter notes
  /// in 6/8, and three unequal beats in 7/8. A bar of 3/8, which is one group, has three beats.
  /// Otherwise each note is a beat.
  public func beginsBeat(note: Int) -> Bool {
    denominator < 8 || self == Meter(3, denominator) || beginsGroup(note: note)
  }

  /// The place of a bar in beats from the bar line, as one taps the meter: 1.5 is halfway through
  /// the second beat.
  ///
  /// - Parameter note: the place in notes of the denominator's length from the bar line.
  public func beats(atNote note: Double) -> Double {
    var (beat, start) = (-1, 0)
    for number in 0..<numerator where beginsBeat(note: number) {
      if Double(number) > note {
        return Double(beat) + (note - Double(start)) / Double(number - start)
      }
      (beat, start) = (beat + 1, number)
    }
    return Double(beat) + (note - Double(start)) / Double(numerator - start)
  }

  /// The notes of the bar, counted from 0, with which beats begin, as one taps the meter: 0 and 3
  /// in 6/8.
  public var beatStarts: [Int] { (0..<numerator).filter(beginsBeat) }

  /// How many beats a bar has, as one taps the meter: 4 in 4/4, 2 in 6/8, 3 in 7/8.
  public var beatCount: Int { (0..<numerator).count(where: beginsBeat) }

  /// The mean length of a beat, as one taps the meter, in quarter notes: 1.5 in 6/8.
  public var meanBeat: Double { beatsPerBar / Double(beatCount) }

  /// Whether a group of notes begins with note `note` of the bar, counted from 0.
  ///
  /// Groups that the meter does not name are the usual ones: 3 notes each in eighths and finer
  /// notes if the numerator is a multiple of 3; 3+2 in 5/4; 4+3 in 7/4; 3 and then 2 at a time in
  /// eighths and finer notes if the numerator is another odd number from 5 on. Otherwise each note
  /// counts as a group.
  public func beginsGroup(note: Int) -> Bool {
    let starts = groupStarts != 0 ? groupStarts : usualGroups
    return 0..<numerator ~= note && (starts == 0 || starts & 1 << UInt64(note) != 0)
  }

  /// The groups of a meter that names none, as `groupStarts`; 0 if each note counts as a group.
  private var usualGroups: UInt64 {
    if denominator >= 8 {
      if numerator % 3 == 0 { return 0x9249_2492_4924_9249 }
      return numerator % 2 == 1 && numerator > 3 ? 0xAAAA_AAAA_AAAA_AAA9 : 0
    }
    switch numerator {
    case 5: return 0b01001
    case 7: return 0b0010001
    default: return 0
    }
  }
}
