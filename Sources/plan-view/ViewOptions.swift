import Records

/// What of the state is shown, and how: options of the tool, which keys and settings of the stream
/// change while it runs.
struct ViewOptions: Hashable {
  enum Style: String, CaseIterable {
    case waterfall, chords, line
  }

  /// Nil: what the terminal has room for.
  var style: Style?
  /// Chords ahead; nil for as many as there is room for.
  var next: Int?
  var notation = Notation.letters
  /// What degrees are counted from; nil for the key that is guessed.
  var key: MusicalKey?
  /// Semitones up.
  var transposition = 0
  /// How much later than it comes the stream is shown, in milliseconds.
  var offset = 0
  var isHelpShown = false

  static let nextRange = 1...8
  static let transpositions = -24...24
  static let offsets = -2000...2000

  func naming(_ state: ViewState, text: DisplayText) -> ChordNaming {
    ChordNaming(
      notation: notation, key: key ?? state.keyGuess.key, transposition: transposition, text: text)
  }

  /// Takes up a setting of the stream that is one of a view.
  mutating func receive(name: String, value: SettingValue) {
    switch (name, value) {
    case ("style", .text(let name)): style = Style(rawValue: name) ?? style
    case ("notation", .text(let name)): notation = Notation(rawValue: name) ?? notation
    case ("next", .number(let count)):
      guard let count = Int(exactly: count.rounded()) else { return }
      next = Self.clamped(count, Self.nextRange)
    case ("transpose", .number(let semitones)):
      guard let semitones = Int(exactly: semitones.rounded()) else { return }
      transposition = Self.clamped(semitones, Self.transpositions)
    default: break
    }
  }

  /// What a key does; it may be none of these.
  mutating func press(_ key: Character) {
    switch key {
    case "w": style = .waterfall
    case "c": style = .chords
    case "l": style = .line
    case "n":
      let all = Notation.allCases
      notation = all[((all.firstIndex(of: notation) ?? 0) + 1) % all.count]
    case "+", "=": next = Self.clamped((next ?? 2) + 1, Self.nextRange)
    case "-": next = Self.clamped((next ?? 2) - 1, Self.nextRange)
    case "t": transposition = Self.clamped(transposition + 1, Self.transpositions)
    case "T": transposition = Self.clamped(transposition - 1, Self.transpositions)
    case "]": offset = Self.clamped(offset + 10, Self.offsets)
    case "[": offset = Self.clamped(offset - 10, Self.offsets)
    case "?", "h": isHelpShown.toggle()
    default: break
    }
  }

  /// What the keys are, for who asks.
  static let help = [
    ("w c l", "waterfall, chords, lines"), ("n", "letters, Roman, Nashville"),
    ("+ -", "chords ahead"), ("t T", "transpose up, down"), ("[ ]", "10 ms earlier, later"),
    ("?", "this help"), ("q", "quit the view, not the music"),
  ]

  private static func clamped(_ value: Int, _ range: ClosedRange<Int>) -> Int {
    min(max(value, range.lowerBound), range.upperBound)
  }
}
