/// What the modifiers of a symbol do to the quality read so far.
extension ChordQuality {
  /// An altered tone replaces the natural one.
  mutating func alter(_ tone: Tones) {
    if Tones.fifths.contains(tone) { tones.remove(.fifth) }
    if Tones.ninths.contains(tone) { tones.remove(.ninth) }
    if Tones.elevenths.contains(tone) { tones.remove(.eleventh) }
    if Tones.thirteenths.contains(tone) { tones.remove(.thirteenth) }
    tones.insert(tone)
  }

  /// An altered degree, such as the b9 of a seventh chord.
  mutating func alter(
    _ degree: (degree: Int, accidental: Int)
  ) throws(ChordReader.Unreadable) {
    var isPossible = true
    switch (degree.degree, degree.accidental) {
    case (3, -1): third = .minor
    case (7, -1): isPossible = addSeventh(.minor)
    case (7, 1): isPossible = addSeventh(.major)
    case (11, -1): isPossible = raiseMinorThird()
    default:
      let tone = Tones(degree: degree.degree, accidental: degree.accidental)
      if let tone { alter(tone) } else { isPossible = false }
    }
    guard isPossible else { throw ChordReader.Unreadable() }
  }

  /// `alt`: of a seventh chord, so that Calt is C7alt.
  mutating func alterFifthsAndNinths() {
    tones.subtract([.fifth, .ninth])
    tones.formUnion(.altered)
    if seventh == .absent { seventh = .minor }
  }

  /// `add7`; false where there is another seventh. A sixth below it is a thirteenth.
  mutating func addSeventh(_ added: Seventh) -> Bool {
    guard seventh == .absent || seventh == .sixth else { return false }
    if seventh == .sixth { tones.insert(.thirteenth) }
    seventh = added
    return true
  }

  /// `add3`: beside a suspension, which then is a tone of its own.
  mutating func addMajorThird() {
    if third == .suspendedSecond { tones.insert(.ninth) }
    if third == .suspendedFourth { tones.insert(.eleventh) }
    if third == .minor { tones.insert(.sharpNinth) }
    third = .major
  }

  /// `b11`: the major third above a minor one, which then is a sharp ninth; false where the third
  /// is not minor.
  mutating func raiseMinorThird() -> Bool {
    guard third == .minor else { return false }
    third = .major
    alter(.sharpNinth)
    return true
  }

  /// `no3` and `no5`, each with its accidental. A suspended third is missing already.
  mutating func omit(_ degree: (degree: Int, accidental: Int)) {
    switch degree.degree {
    case 3: if third == .major || third == .minor { third = .absent }
    case 7: seventh = .absent
    default: tones.subtract(Tones(degree: degree.degree, accidental: degree.accidental) ?? [])
    }
  }

  /// Adds a degree of the major scale on the root with its accidental; throws where there is none
  /// or no room for it.
  mutating func add(
    _ degree: (degree: Int, accidental: Int)
  ) throws(ChordReader.Unreadable) {
    switch (degree.degree, degree.accidental) {
    case (1, 0): break
    case (3, 0): addMajorThird()
    case (3, -1): if third == .major { tones.insert(.sharpNinth) } else { third = .minor }
    case (7, -2...0):
      let added: [Seventh] = [.major, .minor, .sixth]
      guard addSeventh(added[-degree.accidental]) else { throw ChordReader.Unreadable() }
    default:
      guard let tone = Tones(degree: degree.degree, accidental: degree.accidental) else {
        throw ChordReader.Unreadable()
      }
      tones.insert(tone)
    }
  }
}

extension ChordQuality.Tones {
  /// The tone of a degree with an accidental, −1 for a flat, 1 for a sharp. 2, 4 and 6 are 9, 11
  /// and 13 an octave lower.
  init?(degree: Int, accidental: Int) {
    switch (degree, accidental) {
    case (5, -1): self = .flatFifth
    case (5, 0): self = .fifth
    case (5, 1): self = .sharpFifth
    case (2, -1), (9, -1): self = .flatNinth
    case (2, 0), (9, 0): self = .ninth
    case (2, 1), (9, 1): self = .sharpNinth
    case (4, 0), (11, 0): self = .eleventh
    case (4, 1), (11, 1): self = .sharpEleventh
    case (6, -1), (13, -1): self = .flatThirteenth
    case (6, 0), (13, 0): self = .thirteenth
    default: return nil
    }
  }
}
