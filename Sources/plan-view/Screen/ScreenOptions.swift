import ArgumentParser
import Keys

extension ViewOptions.Style: ExpressibleByArgument {}

/// The options of the view on standard output.
struct ScreenOptions: ParsableArguments {
  @Option(
    help: """
      waterfall: a piano roll; chords: four lines, drawn in place; line: a line for each chord. \
      (default: what the output can show)
      """)
  var style: ViewOptions.Style?

  @Option(help: ArgumentHelp("How many chords ahead to show, 1 to 8.", valueName: "n"))
  var next: Int?

  @Option(help: "How to write chords: in letters, or as degrees of the key.")
  var notation = Notation.letters

  @Option(
    help: ArgumentHelp(
      "The key of the degrees, such as C or F#m. (default: estimated from the music)",
      valueName: "key"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "Show everything this much higher, for a transposing instrument.",
      valueName: "semitones"))
  var transpose = 0

  @Option(help: ArgumentHelp("Show everything this much later.", valueName: "milliseconds"))
  var offset = 0

  @Option(help: ArgumentHelp("The width of the drawing, 20 to 1000.", valueName: "columns"))
  var width: Int?

  @Option(
    help: ArgumentHelp("How many drawings to make a second at most, 1 to 240.", valueName: "n"))
  var fps = 30

  @Flag(help: "Draw with ASCII only.")
  var ascii = false

  enum Color: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
  }

  @Option(help: "Whether to draw with colours and bold text.")
  var color = Color.auto

  @Flag(name: .customLong("no-sync"), help: "Do not mark where a drawing begins and ends.")
  var isUnsynchronized = false

  mutating func validate() throws {
    try check("--width", width ?? 80, 20...1000)
    try check("--fps", fps, 1...240)
    try check("--next", next ?? 2, ViewOptions.nextRange)
    try check("--transpose", transpose, ViewOptions.transpositions)
    try check("--offset", offset, ViewOptions.offsets)
    if let key, MusicalKey(key) == nil {
      let found = DisplayText().shown(key, columns: 32)
      throw ValidationError("expected --key such as C or F#m, found \"\(found)\"")
    }
  }

  private func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw ValidationError(
        "expected \(name) \(range.lowerBound) to \(range.upperBound), found \(value)")
    }
  }

  /// How the viewer wants to see the session.
  var viewOptions: ViewOptions {
    ViewOptions(
      style: style, next: next, notation: notation, key: key.flatMap { MusicalKey($0) },
      transposition: transpose, offset: offset)
  }

  /// The view that suits the output. A recording, which is over at once, is best told in lines.
  func view(on terminal: ScreenTerminal, readsRecording: Bool) -> any View {
    let isStyled = color == .always || color == .auto && terminal.isStyled
    let isASCII = ascii || !terminal.isUTF8
    let glyphs = isASCII ? Glyphs.ascii : .unicode
    guard terminal.canRedraw, style != nil || !readsRecording else {
      if style ?? .line == .line {
        return LineView(text: DisplayText(isASCII: isASCII), width: width)
      }
      return LastStateView(screen: ChordScreen(glyphs: glyphs), columns: width ?? 80)
    }
    return ScreenView(
      screen: ChordScreen(glyphs: glyphs, isStyled: isStyled),
      width: width,
      painter: CellPainter(
        depth: isStyled ? terminal.colorDepth : .none, isSynchronized: !isUnsynchronized),
      size: { terminal.size(columns: width) })
  }
}
