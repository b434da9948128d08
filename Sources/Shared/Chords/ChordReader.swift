/// Reads the parts of a symbol, one after another. `(`, `)` and `,` may stand between the parts of
/// its quality.
struct ChordReader {
  /// The text goes on with something that is no part of a symbol.
  struct Unreadable: Error {}

  /// Longer than any canonical symbol. What is read may come from anyone.
  static let longestSymbolInBytes = 64

  /// The text, with one spelling for each sign.
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var isInParentheses = false

  init(_ text: String) throws(Unreadable) {
    guard text.utf8.count <= Self.longestSymbolInBytes else { throw Unreadable() }
    scalars = text.unicodeScalars.map { scalar in
      switch scalar {
      case "♭": "b"
      case "♯": "#"
      case "°": "o"
      case "Ø": "ø"
      case "∆": "Δ"  // The increment sign, which looks like a delta.
      case "−": "-"
      default: scalar
      }
    }
  }

  /// Whether `text` comes next.
  func isAt(_ text: String) -> Bool {
    scalars[position...].starts(with: text.unicodeScalars)
  }

  /// Steps over `text` if it comes next.
  mutating func take(_ text: String) -> Bool {
    guard isAt(text) else { return false }
    position += text.unicodeScalars.count
    return true
  }

  /// Steps over the first of `texts` that comes next. Put those that begin others after them.
  mutating func take(anyOf texts: [String]) -> String? {
    texts.first { take($0) }
  }

  /// Steps over the parentheses and commas between two parts.
  mutating func stepToNextPart() throws(Unreadable) {
    while let mark = take(anyOf: ["(", ")", ","]) {
      guard (mark == "(") != isInParentheses else { throw Unreadable() }
      isInParentheses = mark != ")"
    }
  }

  /// Fails unless everything has been read.
  func finish() throws(Unreadable) {
    guard position == scalars.count else { throw Unreadable() }
  }

  mutating func note() throws(Unreadable) -> NoteName {
    guard position < scalars.count,
      let letter = NoteName.Letter(rawValue: String(scalars[position]))
    else { throw Unreadable() }
    position += 1
    var accidental = 0
    while accidental > -2, accidental <= 0, takeFlat() { accidental -= 1 }
    while accidental < 2, accidental >= 0, take("#") { accidental += 1 }
    return NoteName(letter, accidental: accidental)!
  }

  /// No quality begins with 3, so that the flat of Db3b6 is the third's.
  private mutating func takeFlat() -> Bool { !isAt("b3") && take("b") }

  /// Triad, then sixth or seventh with its extension, then modifiers.
  mutating func quality() throws(Unreadable) -> ChordQuality {
    var quality = ChordQuality(third: .major)
    try stepToNextPart()
    let triad = takeTriad(&quality)
    try stepToNextPart()
    if triad != .complete {
      try takeSeventh(&quality, triad)
      try stepToNextPart()
    }
    while try takeModifier(&quality) { try stepToNextPart() }
    guard !isInParentheses else { throw Unreadable() }
    return ChordQuality(third: quality.third, seventh: quality.seventh, tones: quality.tones)
  }
}

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

  private mutating func takeTriad(_ quality: inout ChordQuality) -> Triad {
    if take("dim") || (!isAt("omit") && take("o")) {
      quality.third = .minor
      quality.alter(.flatFifth)
      return .diminished
    }
    if take("ø") {
      quality.third = .minor
      quality.alter(.flatFifth)
      return .halfDiminished
    }
    if take(anyOf: ["aug", "+"]) != nil {
      quality.alter(.sharpFifth)
      return .named
    }
    if takeMinor() {
      quality.third = .minor
      return .named
    }
    if take("5") {
      quality.third = .absent
      return .complete
    }
    if take("2") {
      quality.tones.insert(.ninth)
      return .complete
    }
    return .unsaid
  }

  private mutating func takeMinor() -> Bool {
    if take(anyOf: ["min", "Min", "mi", "Mi", "-"]) != nil { return true }
    // In madd9 the a is not that of ma7.
    let isMajor = isAt("maj") || (isAt("ma") && !isAt("madd"))
    return !isMajor && take("m")
  }

  private mutating func takeMajorMark() -> String? {
    take(anyOf: ["Maj", "maj", "Ma"] + (isAt("madd") ? [] : ["ma"]) + ["M", "Δ"])
  }

  /// `6`, `69`, `7`, `maj9` and the like.
  private mutating func takeSeventh(
    _ quality: inout ChordQuality, _ triad: Triad
  ) throws(Unreadable) {
    if triad == .halfDiminished { quality.seventh = .minor }
    let majorMark = triad == .halfDiminished ? nil : takeMajorMark()
    if majorMark != nil { try stepToNextPart() }
    let number = take(anyOf: ["69", "6/9", "6", "7", "9", "11", "13"])
    switch number {
    case "6", "69", "6/9": quality.seventh = .sixth
    // Cmaj is a triad; CΔ and CmMaj are not.
    case nil where majorMark == nil || (majorMark != "Δ" && triad == .unsaid): break
    case _ where majorMark != nil: quality.seventh = .major
    default: quality.seventh = triad == .diminished ? .diminished : .minor
    }
    switch number {
    case "69", "6/9", "9": quality.tones.insert(.ninth)
    case "11": quality.tones.formUnion([.ninth, .eleventh])
    case "13": quality.tones.formUnion([.ninth, .thirteenth])
    default: break
    }
  }
}

// What is changed in the chord so far.
extension ChordReader {
  /// One suspension, alteration, addition or omission; false where none comes next.
  private mutating func takeModifier(_ quality: inout ChordQuality) throws(Unreadable) -> Bool {
    if take("sus") {
      let degrees = take(anyOf: ["24", "42", "2", "4"])
      quality.third = degrees == "2" ? .suspendedSecond : .suspendedFourth
      if degrees?.count == 2 { quality.tones.insert(.ninth) }
    } else if take("alt") {
      quality.alterFifthsAndNinths()
    } else if take("add7") {
      guard quality.addMinorSeventh() else { throw Unreadable() }
    } else if take("add") {
      let accidental = take(anyOf: ["b", "#"]) ?? ""
      guard let tone = takeTone(accidental) else { throw Unreadable() }
      quality.tones.insert(tone)
    } else if take(anyOf: ["no", "omit"]) != nil {
      guard let degree = take(anyOf: ["3", "5"]) else { throw Unreadable() }
      quality.omit(degree)
    } else if let sign = take(anyOf: ["b", "#", "+", "-"]) {
      try takeAlteration(sign, &quality)
    } else {
      return false
    }
    return true
  }

  private mutating func takeAlteration(
    _ sign: String, _ quality: inout ChordQuality
  ) throws(Unreadable) {
    let accidental = sign == "b" || sign == "-" ? "b" : "#"
    if accidental == "b", take("3") {
      quality.third = .minor
    } else if accidental == "b", take("11") {
      guard quality.raiseMinorThird() else { throw Unreadable() }
    } else if let tone = takeTone(accidental) {
      quality.alter(tone)
    } else if sign == "+" {
      quality.alter(.sharpFifth)  // C7+
    } else {
      throw Unreadable()
    }
  }

  /// A degree, with the accidental before it. 2, 4 and 6 are 9, 11 and 13 an octave lower.
  private mutating func takeTone(_ accidental: String) -> ChordQuality.Tones? {
    let start = position
    let degree = take(anyOf: ["11", "13", "2", "4", "5", "6", "9"])
    switch (accidental, degree) {
    case ("b", "5"): return .flatFifth
    case ("", "5"): return .fifth
    case ("#", "5"): return .sharpFifth
    case ("b", "2"), ("b", "9"): return .flatNinth
    case ("", "2"), ("", "9"): return .ninth
    case ("#", "2"), ("#", "9"): return .sharpNinth
    case ("", "4"), ("", "11"): return .eleventh
    case ("#", "4"), ("#", "11"): return .sharpEleventh
    case ("b", "6"), ("b", "13"): return .flatThirteenth
    case ("", "6"), ("", "13"): return .thirteenth
    default:
      position = start
      return nil
    }
  }
}
