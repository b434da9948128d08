/// A pitch class as it is written: a letter and up to two accidentals (`C`, `F#`, `Bb`, `Cbb`).
public struct NoteName: Hashable, Sendable {
  /// A note without accidentals.
  public enum Letter: String, CaseIterable, Sendable {
    case c = "C"
    case d = "D"
    case e = "E"
    case f = "F"
    case g = "G"
    case a = "A"
    case b = "B"

    /// Without accidentals.
    public var pitchClass: PitchClass {
      let semitones =
        switch self {
        case .c: 0
        case .d: 2
        case .e: 4
        case .f: 5
        case .g: 7
        case .a: 9
        case .b: 11
        }
      return PitchClass(semitonesAboveC: semitones)
    }
  }

  /// The name without its accidentals.
  public let letter: Letter
  /// Semitones that the accidentals add: −2 for `bb` to 2 for `##`.
  public let accidental: Int

  /// Nil unless `accidental` is −2 to 2.
  public init?(_ letter: Letter, accidental: Int = 0) {
    guard -2...2 ~= accidental else { return nil }
    self.letter = letter
    self.accidental = accidental
  }

  /// The usual name of a pitch class: C Db D Eb E F F# G Ab A Bb B.
  public init(_ pitchClass: PitchClass) {
    let names: [(Letter, Int)] = [
      (.c, 0), (.d, -1), (.d, 0), (.e, -1), (.e, 0), (.f, 0),
      (.f, 1), (.g, 0), (.a, -1), (.a, 0), (.b, -1), (.b, 0),
    ]
    (letter, accidental) = names[Int(pitchClass.rawValue)]
  }

  /// Its place on the line of fifths: F is −1, C 0, G 1; a sharp adds 7, a flat subtracts 7.
  public var fifths: Int {
    Self.lineOfFifths.firstIndex(of: letter)! - 1 + 7 * accidental
  }

  /// The name at a place on the line of fifths. Beyond two accidentals, the note that sounds the
  /// same with fewer.
  public init(fifths: Int) {
    var place = fifths
    while place < Self.places.lowerBound { place += 12 }
    while place > Self.places.upperBound { place -= 12 }
    letter = Self.lineOfFifths[(place + 15) % 7]
    accidental = (place + 15) / 7 - 2
  }

  /// The places of all names on the line of fifths: from Fbb to B##.
  public static let places = -15...19

  /// The name that sounds the same twelve places away on the line of fifths, in the direction of D:
  /// Db for C# and the other way round, F for E#, G for F##. D stays.
  public var enharmonic: NoteName {
    let place = fifths
    return place == 2 ? self : NoteName(fifths: place < 2 ? place + 12 : place - 12)
  }

  private static let lineOfFifths: [Letter] = [.f, .c, .g, .d, .a, .e, .b]

  /// What it sounds as, whatever its spelling: F# and Gb are the same.
  public var pitchClass: PitchClass { letter.pitchClass.transposed(by: accidental) }

  /// The note so many semitones above, by its usual name; unchanged for whole octaves.
  public func transposed(by semitones: Int) -> NoteName {
    semitones.isMultiple(of: 12) ? self : NoteName(pitchClass.transposed(by: semitones))
  }
}

extension NoteName: CustomStringConvertible {
  public var description: String {
    letter.rawValue + String(repeating: accidental < 0 ? "b" : "#", count: abs(accidental))
  }
}
