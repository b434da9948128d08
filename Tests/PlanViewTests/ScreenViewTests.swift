import Records
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
