import ArgumentParser

extension ViewOptions.Style: ExpressibleByArgument {}

/// What is shown on a terminal, and how.
struct ScreenOptions: ParsableArguments {
  @Option(
    help: """
      waterfall: a piano roll; chords: four lines, drawn in place; line: a line for each chord. \
      (default: as the output can)
      """)
  var style: ViewOptions.Style?

  @Option(help: ArgumentHelp("Show so many chords ahead, 1 to 8.", valueName: "n"))
  var next: Int?

  @Option(help: "How chords are written: letters, or degrees of the key.")
  var notation = Notation.letters

  @Option(
    help: ArgumentHelp(
      "The key of degrees, C or F#m, say. (default: guessed from what is played)",
      valueName: "key"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "Show everything so much higher, for who plays a transposing instrument.",
      valueName: "semitones"))
  var transpose = 0

  @Option(help: ArgumentHelp("Show everything so much later.", valueName: "milliseconds"))
  var offset = 0

  @Option(help: ArgumentHelp("Columns to draw in, 20 to 1000.", valueName: "columns"))
  var width: Int?

  @Option(help: ArgumentHelp("Draw at most this often a second, 1 to 240.", valueName: "n"))
  var fps = 30

  @Flag(help: "Show nothing but ASCII.")
  var ascii = false

  enum Color: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
  }

  @Option(help: "Whether there are colours and weights.")
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

  var viewOptions: ViewOptions {
    ViewOptions(
      style: style, next: next, notation: notation, key: key.flatMap { MusicalKey($0) },
      transposition: transpose, offset: offset)
  }

  /// The view for an output.
  func view(on terminal: Terminal) -> any View {
    let isStyled = color == .always || color == .auto && terminal.isStyled
    let isASCII = ascii || !terminal.isUTF8
    let options = viewOptions
    guard terminal.canRedraw else {
      if options.style ?? .line == .line {
        return LineView(text: DisplayText(isASCII: isASCII), width: width, options: options)
      }
      let screen = ChordScreen(glyphs: isASCII ? .ascii : .unicode, options: options)
      return SnapshotView(screen: screen, columns: width ?? 80)
    }
    return ScreenView(
      screen: ChordScreen(
        glyphs: isASCII ? .ascii : .unicode, isStyled: isStyled, options: options),
      width: width,
      painter: CellPainter(
        depth: isStyled ? terminal.colorDepth : .none, isSynchronized: !isUnsynchronized),
      size: { terminal.size(columns: width) })
  }
}
