// The triad, and the seventh on it.
extension ChordReader {
  /// What was said about the triad, as far as it bears on the seventh.
  private enum Triad {
    case unsaid
    case named
    case diminished
    /// Has a minor seventh, said or not.
    case halfDiminished
    /// No seventh may follow.
    case complete
  }

  /// Triad, then sixth or seventh with its extension, then modifiers.
  mutating func quality() throws(Unreadable) -> ChordQuality {
    var quality = ChordQuality(third: .major)
    takeColon()
    if hasColon, isAt("(") {
      (quality.third, quality.tones) = (.absent, [])
      try takeDegrees(&quality)
    } else {
      try stepToNextPart()
      let triad = takeTriad(&quality)
      if !hasColon || !isAt("(") {
        try stepToNextPart()
        if triad != .complete { try takeSeventh(&quality, triad) }
      }
      if hasColon, isAt("(") { try takeDegrees(&quality) } else { try stepToNextPart() }
      while try takeModifier(&quality) { try stepToNextPart() }
    }
    return ChordQuality(third: quality.third, seventh: quality.seventh, tones: quality.tones)
  }

  private mutating func takeTriad(_ quality: inout ChordQuality) -> Triad {
    if take(anyWordOf: ["halfdim", "hdim"]) || take(anyOf: ["ø", "h"]) != nil {
      quality.third = .minor
      quality.alter(.flatFifth)
      return .halfDiminished
    }
    if take(anyWordOf: ["diminished", "dim"]) || (!isAt(word: "omit") && take("o")) {
      quality.third = .minor
      quality.alter(.flatFifth)
      return .diminished
    }
    if take(anyWordOf: ["augmented", "aug"]) || take("+") {
      quality.alter(.sharpFifth)
      return .named
    }
    if takeMinor() {
      quality.third = .minor
      return .named
    }
    return takeNumberOfTriad(&quality) ? .complete : .unsaid
  }

  /// `5`, `2`, `4`, and after a colon `1`.
  private mutating func takeNumberOfTriad(_ quality: inout ChordQuality) -> Bool {
    if take("5") {
      // 5b is what Band-in-a-Box calls the triad with a flat fifth.
      let isFlat = attempt { ["b", "-"].contains($0.takeSign()) ? true : nil } != nil
      if isFlat { quality.alter(.flatFifth) } else { quality.third = .absent }
    } else if take("2") {
      quality.tones.insert(.ninth)
    } else if take("4") {
      quality.third = .suspendedFourth
    } else if hasColon, !isAt("11"), !isAt("13"), take("1") {
      (quality.third, quality.tones) = (.absent, [])
    } else {
      return false
    }
    return true
  }

  private mutating func takeMinor() -> Bool {
    if isAt("-5") { return false }  // The triad with a flat fifth.
    if take(anyWordOf: ["minor", "min", "mi"]) || take("-") { return true }
    return !isAtMajorWord && take("m")
  }

  /// In madd9 the a is not that of ma7.
  private var isAtMajorWord: Bool { isAt(word: "ma") && !isAt(word: "madd") && !isAt(word: "malt") }

  /// What stands for a major seventh, or a major triad.
  enum MajorMark {
    /// `maj` and the like: of a triad where no number follows.
    case word
    /// `Δ`: of a seventh even without a number.
    case sign
  }

  mutating func takeMajorMark() -> MajorMark? {
    if isAtMajorWord {
      _ = take(anyWordOf: ["major", "maj", "ma"])
      return .word
    }
    if take("M") { return .word }
    return take(anyOf: ["Δ", "j"]) == nil ? nil : .sign
  }

  /// `6`, `69`, `7`, `maj9`, `7M` and the like.
  private mutating func takeSeventh(
    _ quality: inout ChordQuality, _ triad: Triad
  ) throws(Unreadable) {
    if triad == .halfDiminished { quality.seventh = .minor }
    var majorMark = triad == .halfDiminished ? nil : takeMajorMark()
    if majorMark != nil {
      if !hasColon || !isAt("(") { try stepToNextPart() }
    } else {
      _ = take(anyWordOf: ["dominant", "dom"])
    }
    // The number of C/9 is an addition.
    let number =
      isAfterSlashOrComma || hasColon && isAt("(")
      ? nil : take(anyOf: ["69", "6/9", "6", "7", "9", "11", "13"])
    if number != nil, majorMark == nil, !isAtMajorWord, take("M") { majorMark = .word }
    switch number {
    case "6", "69", "6/9": quality.seventh = .sixth
    // Cmaj is a triad; CΔ and CmMaj are not.
    case nil where majorMark == nil || (majorMark == .word && triad == .unsaid): break
    case _ where majorMark != nil: quality.seventh = .major
    default: quality.seventh = triad == .diminished ? .diminished : .minor
    }
    addExtension(number, &quality)
  }

  /// The tones that a number implies beside the seventh.
  func addExtension(_ number: String?, _ quality: inout ChordQuality) {
    switch number {
    case "69", "6/9", "9": quality.tones.insert(.ninth)
    case "11": quality.tones.formUnion([.ninth, .eleventh])
    case "13": quality.tones.formUnion([.ninth, .thirteenth])
    default: break
    }
  }

  /// The degrees in parentheses after a colon, as in `C:min(9,*5)`: each is counted in the major
  /// scale on the root, and added; a star omits it.
  private mutating func takeDegrees(_ quality: inout ChordQuality) throws(Unreadable) {
    guard take("(") else { throw Unreadable() }
    repeat {
      let isOmitted = take("*")
      guard let degree = takeDegree() else { throw Unreadable() }
      try isOmitted ? quality.omit(degree) : quality.add(degree)
    } while take(",")
    guard take(")") else { throw Unreadable() }
  }
}
