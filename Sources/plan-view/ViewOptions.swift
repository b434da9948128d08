import Keys
import Records

/// How the viewer wants to see the session. The tool's options set it; keys and `set` records of
/// the stream change it while the tool runs.
struct ViewOptions: Hashable, Sendable {
  enum Style: String, CaseIterable {
    case waterfall, chords, line
  }

  /// Nil for the style that the terminal has room for.
  var style: Style?
  /// How many chords ahead are shown; nil for as many as there is room for.
  var next: Int?
  var notation = Notation.letters
  /// The key that degrees and spelling go by; nil for the guessed key.
  var key: MusicalKey?
  /// How many semitones up chords and notes are shown.
  var transposition = 0
  /// How much later the stream is shown than it comes, in milliseconds.
  var offset = 0
  var isHelpShown = false

  static let nextRange = 1...8
  static let transpositions = -24...24
  static let offsets = -2000...2000

  /// Applies a setting of the stream. Settings of other tools change nothing.
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

  /// The options after a record, which changes them if it is a `set` record of a view's setting.
  func receiving(_ record: Record) -> ViewOptions {
    guard case .set(let name, let value) = record.event else { return self }
    var options = self
    options.receive(name: name, value: value)
    return options
  }

  /// Does what a key of the terminal stands for; other keys change nothing.
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

  /// The keys and what they do, for the help on the screen.
  static let help = [
    ("w c l", "waterfall, chords, lines"), ("n", "letters, Roman, Nashville"),
    ("+ -", "chords ahead"), ("t T", "transpose up, down"), ("[ ]", "10 ms earlier, later"),
    ("?", "this help"), ("q", "quit the view, not the music"),
  ]

  private static func clamped(_ value: Int, _ range: ClosedRange<Int>) -> Int {
    min(max(value, range.lowerBound), range.upperBound)
  }
}
