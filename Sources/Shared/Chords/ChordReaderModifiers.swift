// What is changed in the chord so far.
extension ChordReader {
  /// One suspension, alteration, addition or omission; false where none comes next.
  mutating func takeModifier(_ quality: inout ChordQuality) throws(Unreadable) -> Bool {
    if take(anyWordOf: ["sus"]) {
      takeSuspension(&quality)
    } else if take(anyWordOf: ["altered", "alt"]) {
      quality.alterFifthsAndNinths()
    } else if take(anyWordOf: ["add"]) {
      try takeAddition(&quality)
    } else if take(anyWordOf: ["no", "omit"]) {
      guard let degree = take(anyOf: ["3", "5"]) else { throw Unreadable() }
      _ = take(anyWordOf: ["rd", "th"])
      quality.omit((Int(degree)!, 0))
    } else if let sign = take(anyOf: ["b", "#", "+", "-"]) {
      try takeAlteration(sign, &quality)
    } else if let number = takeMajorSeventh() {
      guard quality.addSeventh(.major) else { throw Unreadable() }
      addExtension(number, &quality)
    } else if isAfterSeparator, isAtDigit {
      try takeNumber(&quality)
    } else {
      return false
    }
    return true
  }

  /// What follows `sus`: the degrees that replace the third, or the number of Csus9.
  private mutating func takeSuspension(_ quality: inout ChordQuality) {
    let degrees = take(anyOf: ["24", "42", "2", "4"])
    quality.third = degrees == "2" ? .suspendedSecond : .suspendedFourth
    if degrees?.count == 2 { quality.tones.insert(.ninth) }
    guard degrees == nil, quality.seventh == .absent else { return }
    let number = take(anyOf: ["7", "9", "11", "13"])
    if number != nil { quality.seventh = .minor }
    addExtension(number, &quality)
  }

  private mutating func takeAddition(_ quality: inout ChordQuality) throws(Unreadable) {
    if take("7") {
      guard quality.addSeventh(.minor) else { throw Unreadable() }
    } else if take("3") {
      quality.addMajorThird()
    } else {
      let accidental = take(anyOf: ["b", "#"]) ?? ""
      guard let tone = takeTone(accidental) else { throw Unreadable() }
      quality.tones.insert(tone)
    }
  }

  /// `maj7` after something else: Csus4(maj7).
  private mutating func takeMajorSeventh() -> String? {
    attempt { reader in
      reader.takeMajorMark() == nil ? nil : reader.take(anyOf: ["7", "9", "11", "13"])
    }
  }

  private mutating func takeAlteration(
    _ sign: String, _ quality: inout ChordQuality
  ) throws(Unreadable) {
    let numbers = ["11", "13", "2", "3", "4", "5", "6", "7", "9"]
    if let degree = take(anyOf: numbers).flatMap({ Int($0) }) {
      try quality.alter((degree, sign == "b" || sign == "-" ? -1 : 1))
    } else if sign == "+" {
      quality.alter(.sharpFifth)  // C7+
    } else {
      throw Unreadable()
    }
  }

  /// A number alone, as in C7(13), C7/9 or C7(9-): an addition, or an alteration where a sign
  /// follows it.
  private mutating func takeNumber(_ quality: inout ChordQuality) throws(Unreadable) {
    let numbers = ["11", "13", "2", "4", "5", "6", "7", "9"]
    guard let degree = take(anyOf: numbers).flatMap({ Int($0) }) else { throw Unreadable() }
    if let sign = takeSign() {
      try quality.alter((degree, sign == "b" || sign == "-" ? -1 : 1))
    } else if degree == 4 {
      quality.third = .suspendedFourth
    } else if degree == 7 {
      guard quality.addSeventh(.minor) else { throw Unreadable() }
    } else if degree != 5 {
      try quality.add((degree, 0))
    } else {
      throw Unreadable()
    }
  }

  /// The sign after a number, unless it is that of another number: `b` in `9b` and `9-`.
  mutating func takeSign() -> String? {
    attempt { reader in
      let sign = reader.take(anyOf: ["b", "#", "+", "-"])
      return reader.isAtDigit ? nil : sign
    }
  }

  /// A degree, with the accidental before it. 2, 4 and 6 are 9, 11 and 13 an octave lower.
  private mutating func takeTone(_ accidental: String) -> ChordQuality.Tones? {
    attempt { reader in
      let degree = reader.take(anyOf: ["11", "13", "2", "4", "5", "6", "9"])
      let sign = accidental == "b" ? -1 : accidental == "#" ? 1 : 0
      return degree.flatMap { ChordQuality.Tones(degree: Int($0)!, accidental: sign) }
    }
  }
}
