import Keys
import Testing

@testable import plan_view

@Suite struct ScreenViewTests {
  private func viewer(rows: Int = 24) -> Viewer<ScreenView> {
    Viewer(ScreenView(screen: ChordScreen(glyphs: .ascii), size: { (40, rows) }))
  }

  @Test("draws over the drawing before")
  func drawsOverTheDrawingBefore() throws {
    var viewer = viewer()
    _ = viewer.receive(try records(header)[0])
    let first = viewer.draw()
    #expect(first.hasPrefix("\u{1B}[?25l\r-:-"))
    #expect(first.split(separator: "\n").count == 5)
    _ = viewer.receive(try records(tick(0))[0])
    #expect(viewer.draw().hasPrefix("\u{1B}[?25l\r\u{1B}[4A1:1"))
  }

  /// A viewer that is killed must not leave a terminal without a cursor.
  @Test("shows the cursor after every drawing")
  func everyDrawingEndsWithTheCursorShown() throws {
    var viewer = viewer()
    #expect(viewer.draw().hasSuffix("\u{1B}[?25h"))
  }

  @Test("writes nothing where nothing changed")
  func drawsNothingWhereNothingChanged() throws {
    var viewer = viewer()
    _ = viewer.draw()
    #expect(viewer.draw() == "")
  }

  @Test("draws no more lines than the terminal has rows")
  func keepsWithinTheRows() throws {
    var viewer = viewer(rows: 3)
    #expect(viewer.draw().filter { $0 == "\n" }.count == 2)
  }
}

/// Styles that change while the view runs.
@Suite struct StyleTests {
  private func viewer(
    _ style: ViewOptions.Style?, columns: Int = 80, rows: Int = 24
  ) -> Viewer<ScreenView> {
    Viewer(
      ScreenView(screen: ChordScreen(glyphs: .ascii), size: { (columns, rows) }),
      ViewOptions(style: style))
  }

  private static let (enter, leave) = ("\u{1B}[?1049h\u{1B}[?25l", "\u{1B}[?25h\u{1B}[?1049l")

  @Test("draws the waterfall on the alternate screen")
  func theWaterfallHasAScreenOfItsOwn() throws {
    var viewer = viewer(nil)
    for record in try records(header) { #expect(viewer.receive(record) == "") }
    #expect(viewer.draw().hasPrefix(Self.enter))
    let end = viewer.finish()
    #expect(end.contains(Self.leave))
    // The last state stays, in four lines.
    #expect(end.contains("120 beats/min  4/4  tune.mid"))
  }

  @Test(
    "draws four lines where the waterfall has no room", arguments: [(79, 24), (80, 19), (20, 2)])
  func aSmallTerminalShowsLines(columns: Int, rows: Int) {
    var viewer = viewer(.waterfall, columns: columns, rows: rows)
    #expect(!viewer.draw().contains("1049"))
  }

  @Test("changes the style by keys")
  func keysChangeTheStyle() throws {
    var viewer = viewer(.waterfall)
    _ = viewer.draw()
    viewer.scene.options.press("c")
    #expect(viewer.draw().contains(Self.leave))
    viewer.scene.options.press("l")
    for record in try records(header) {
      #expect(viewer.receive(record) == "120 beats/min  4/4  tune.mid\n")
    }
    #expect(viewer.draw() == "")
    viewer.scene.options.press("w")
    #expect(viewer.draw().hasPrefix(Self.enter))
  }

  @Test("gives the terminal back while it is suspended")
  func whileItStandsStillTheTerminalIsAsItWas() {
    var viewer = viewer(.waterfall)
    _ = viewer.draw()
    #expect(viewer.view.suspend().contains(Self.leave))
    #expect(viewer.draw().hasPrefix(Self.enter))
  }

  @Test("changes the options by keys, within their ranges")
  func keysChangeWhatIsShown() {
    var options = ViewOptions()
    for key in "n++tt]-T?x" { options.press(key) }
    #expect(
      options
        == ViewOptions(next: 3, notation: .roman, transposition: 1, offset: 10, isHelpShown: true))
    for _ in 0..<300 { for key in "-T[" { options.press(key) } }
    #expect(options.next == 1 && options.transposition == -24 && options.offset == -2000)
  }

  @Test("changes the options by set records, within their ranges")
  func settingsChangeWhatIsShown() throws {
    var viewer = viewer(.waterfall)
    let lines = [
      #"{"type":"set","name":"style","value":"line"}"#,
      #"{"type":"set","name":"notation","value":"nashville"}"#,
      #"{"type":"set","name":"next","value":99}"#,
      #"{"type":"set","name":"transpose","value":2.2}"#,
      #"{"type":"set","name":"style","value":"cube"}"#,
      #"{"type":"set","name":"next","value":"x"}"#,
      #"{"type":"set","name":"next","value":1e300}"#,
    ]
    for record in try records(lines.joined(separator: "\n")) { _ = viewer.receive(record) }
    #expect(
      viewer.scene.options
        == ViewOptions(style: .line, next: 8, notation: .nashville, transposition: 2))
  }
}

/// No text of the stream may steer the terminal.
@Suite struct HostileTextTests {
  static let text = #"\u001b[2J\u009b31m\u0007\r\n\u202e\u2028日本\u0000\ud83d\ude00\u001b]0;x\u0007"#

  static let lines = [
    header.replacing("tune.mid", with: text), tick(0),
    #"{"type":"set","name":"\#(text)","value":"\#(text)"}"#,
    #"{"type":"set","name":"style","value":"\#(text)"}"#,
    #"{"type":"stat","\#(text)":1,"missed":1}"#, #"{"type":"marker","text":"\#(text)"}"#,
    plan(
      0, commit: 4, until: 16,
      [(0, text), (4, "C" + text), (8, String(repeating: "b", count: 999))]),
    tick(1), tick(4), #"{"type":"end","reason":"\#(text)"}"#,
  ]

  private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
    default: true
    }
  }

  @Test("lets no control character of the stream through", arguments: Notation.allCases, [0, 3])
  func noViewLetsItThrough(notation: Notation, transposition: Int) throws {
    let options = ViewOptions(
      notation: notation, key: MusicalKey("C"), transposition: transposition)
    var line = Viewer(LineView(text: DisplayText(), width: nil), options)
    var text = ""
    for record in try records(Self.lines.joined(separator: "\n")) {
      text += line.receive(record)
      for isASCII in [false, true] {
        var frame = WaterfallFrame()
        let grid = frame.drawn(line.scene, at: 0, isASCII: isASCII, columns: 100, rows: 30)
        #expect(grid.cells.allSatisfy { isHarmless($0.scalar) })
        #expect(!isASCII || grid.cells.allSatisfy { $0.scalar.isASCII })
        let screen = ChordScreen(glyphs: isASCII ? .ascii : .unicode)
        let lines = screen.lines(line.scene, columns: 200).joined()
        #expect(lines.unicodeScalars.allSatisfy(isHarmless))
        #expect(!isASCII || lines.utf8.allSatisfy { $0 < 0x80 })
      }
    }
    text += line.finish()
    #expect(text.split(separator: "\n").joined().unicodeScalars.allSatisfy(isHarmless))
    #expect(text.split(separator: "\n").count == 4)
  }
}

@Suite struct DisplayTextTests {
  @Test(
    "replaces control characters",
    arguments: [
      ("Am7", "Am7", "Am7"),
      ("\u{1B}[2J", "?[2J", "?[2J"),
      ("a\u{7}\r\nb", "a???b", "a???b"),
      ("\u{9B}31m", "\u{FFFD}31m", "?31m"),
      ("a\u{202E}b", "a\u{FFFD}b", "a?b"),
      ("été", "été", "?t?"),
      ("\u{7F}", "?", "?"),
    ])
  func showsNoControlCharacters(text: String, unicode: String, ascii: String) {
    #expect(DisplayText().shown(text, columns: 80) == unicode)
    #expect(DisplayText(isASCII: true).shown(text, columns: 80) == ascii)
  }

  @Test(
    "cuts text at the columns and marks the cut",
    arguments: [
      ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"),
      ("日本語", 4, "日…"),
    ])
  func cutsAtTheColumns(text: String, columns: Int, shown: String) {
    #expect(DisplayText().shown(text, columns: columns) == shown)
  }
}
