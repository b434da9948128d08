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

  /// `alt`: of a seventh chord, so that Calt is C7alt.
  mutating func alterFifthsAndNinths() {
    tones.subtract([.fifth, .ninth])
    tones.formUnion(.altered)
    if seventh == .absent { seventh = .minor }
  }

  /// `add7`; false where there is another seventh. A sixth below it is a thirteenth.
  mutating func addMinorSeventh() -> Bool {
    guard seventh == .absent || seventh == .sixth else { return false }
    if seventh == .sixth { tones.insert(.thirteenth) }
    seventh = .minor
    return true
  }

  /// `b11`: the major third above a minor one, which then is a sharp ninth; false where the third
  /// is not minor.
  mutating func raiseMinorThird() -> Bool {
    guard third == .minor else { return false }
    third = .major
    alter(.sharpNinth)
    return true
  }

  /// `no3` and `no5`. A suspended third is missing already.
  mutating func omit(_ degree: String) {
    if degree == "5" { tones.remove(.fifth) }
    if degree == "3", third == .major || third == .minor { third = .absent }
  }
}
