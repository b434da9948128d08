import Testing

@testable import plan_view

@Suite struct ScreenViewTests {
  private func view(rows: Int = 24) -> ScreenView {
    ScreenView(screen: ChordScreen(glyphs: .ascii), size: { (40, rows) })
  }

  @Test func drawsOverTheDrawingBefore() throws {
    var view = view()
    _ = view.receive(try records(header)[0])
    let first = view.draw(at: .zero)
    #expect(first.hasPrefix("\u{1B}[?25l\r-:-"))
    #expect(first.split(separator: "\n").count == 5)
    _ = view.receive(try records(tick(0))[0])
    #expect(view.draw(at: .zero).hasPrefix("\u{1B}[?25l\r\u{1B}[4A1:1"))
  }

  /// Else a viewer that is killed would leave a terminal without a cursor.
  @Test func everyDrawingEndsWithTheCursorShown() throws {
    var view = view()
    #expect(view.draw(at: .zero).hasSuffix("\u{1B}[?25h"))
  }

  @Test func drawsNothingWhereNothingChanged() throws {
    var view = view()
    _ = view.draw(at: .zero)
    #expect(view.draw(at: .zero) == "")
  }

  @Test func keepsWithinTheRows() throws {
    var view = view(rows: 3)
    #expect(view.draw(at: .zero).filter { $0 == "\n" }.count == 2)
  }
}

/// Styles that are changed while the view runs.
@Suite struct StyleTests {
  private func view(_ style: ViewOptions.Style?, columns: Int = 80, rows: Int = 24) -> ScreenView {
    ScreenView(
      screen: ChordScreen(glyphs: .ascii, options: ViewOptions(style: style)),
      size: { (columns, rows) })
  }

  private static let (enter, leave) = ("\u{1B}[?1049h\u{1B}[?25l", "\u{1B}[?25h\u{1B}[?1049l")

  @Test func theWaterfallHasAScreenOfItsOwn() throws {
    var view = view(nil)
    for record in try records(header) { #expect(view.receive(record) == "") }
    #expect(view.draw(at: .zero).hasPrefix(Self.enter))
    let end = view.finish()
    #expect(end.contains(Self.leave))
    // What was shown last stays, in four lines.
    #expect(end.contains("120 beats/min  4/4  tune.mid"))
  }

  @Test(arguments: [(79, 24), (80, 19), (20, 2)])
  func aSmallTerminalShowsLines(columns: Int, rows: Int) {
    var view = view(.waterfall, columns: columns, rows: rows)
    #expect(!view.draw(at: .zero).contains("1049"))
  }

  @Test func keysChangeTheStyle() throws {
    var view = view(.waterfall)
    _ = view.draw(at: .zero)
    view.options.press("c")
    #expect(view.draw(at: .zero).contains(Self.leave))
    view.options.press("l")
    for record in try records(header) {
      #expect(view.receive(record) == "120 beats/min  4/4  tune.mid\n")
    }
    #expect(view.draw(at: .zero) == "")
    view.options.press("w")
    #expect(view.draw(at: .zero).hasPrefix(Self.enter))
  }

  @Test func whileItStandsStillTheTerminalIsAsItWas() {
    var view = view(.waterfall)
    _ = view.draw(at: .zero)
    #expect(view.suspend().contains(Self.leave))
    #expect(view.draw(at: .zero).hasPrefix(Self.enter))
  }

  @Test func keysChangeWhatIsShown() {
    var options = ViewOptions()
    for key in "n++tt]-T?x" { options.press(key) }
    #expect(
      options
        == ViewOptions(next: 3, notation: .roman, transposition: 1, offset: 10, isHelpShown: true))
    for _ in 0..<300 { for key in "-T[" { options.press(key) } }
    #expect(options.next == 1 && options.transposition == -24 && options.offset == -2000)
  }

  /// A controller of the person's instrument may do what keys do.
  @Test func settingsChangeWhatIsShown() throws {
    var view = view(.waterfall)
    let lines = [
      #"{"type":"set","name":"style","value":"line"}"#,
      #"{"type":"set","name":"notation","value":"nashville"}"#,
      #"{"type":"set","name":"next","value":99}"#,
      #"{"type":"set","name":"transpose","value":2.2}"#,
      #"{"type":"set","name":"style","value":"cube"}"#,
      #"{"type":"set","name":"next","value":"x"}"#,
      #"{"type":"set","name":"next","value":1e300}"#,
    ]
    for record in try records(lines.joined(separator: "\n")) { _ = view.receive(record) }
    #expect(
      view.options
        == ViewOptions(style: .line, next: 8, notation: .nashville, transposition: 2))
  }
}

/// Whatever stands in a stream, no part of it steers the terminal.
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

  @Test(arguments: Notation.allCases, [0, 3])
  func noViewLetsItThrough(notation: Notation, transposition: Int) throws {
    let options = ViewOptions(
      notation: notation, key: MusicalKey("C"), transposition: transposition)
    var state = ViewState()
    var line = LineView(text: DisplayText(), width: nil, options: options)
    var text = ""
    for record in try records(Self.lines.joined(separator: "\n")) {
      state.receive(record)
      text += line.receive(record)
      for isASCII in [false, true] {
        var frame = WaterfallFrame()
        let grid = frame.drawn(
          state, options, at: 0, isASCII: isASCII, columns: 100, rows: 30)
        #expect(grid.cells.allSatisfy { isHarmless($0.scalar) })
        #expect(!isASCII || grid.cells.allSatisfy { $0.scalar.isASCII })
        let screen = ChordScreen(glyphs: isASCII ? .ascii : .unicode, options: options)
        let lines = screen.lines(state, columns: 200).joined()
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
  @Test(arguments: [
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

  @Test(arguments: [
    ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"),
    ("日本語", 4, "日…"),
  ])
  func cutsAtTheColumns(text: String, columns: Int, shown: String) {
    #expect(DisplayText().shown(text, columns: columns) == shown)
  }
}
