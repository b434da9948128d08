import Foundation
import TestSupport
import Testing

@testable import Chords

/// The table of chord symbols in jam-stream(5) says what the code does.
@Suite struct ManualTests {
  struct Row: Sendable {
    let canonical: String
    let notes: [String]
    let aliases: [String]
  }

  /// The rows of the table: `.It Li Cm7 Ta C Eb G Bb Ta Li Cmin7 , C-7`.
  static let rows: [Row] = {
    let page = (try? repositoryFile("man/jam-stream.5")) ?? ""
    let plain =
      page
      .replacing("\\&", with: "").replacing("\\[*D]", with: "Δ").replacing("\\[/o]", with: "ø")
    let section = plain.components(separatedBy: ".Sh CHORD SYMBOLS\n").dropFirst().first ?? ""
    let lines = section.components(separatedBy: "\n.Sh ")[0].split(separator: "\n")
    return lines.filter { $0.hasPrefix(".It Li ") }.map { line in
      let columns = line.dropFirst(4).components(separatedBy: "Ta").map { column in
        column.split(separator: " ").map(String.init).filter { $0 != "Li" && $0 != "," }
      }
      return Row(canonical: columns[0][0], notes: columns[1], aliases: columns[2])
    }
  }()

  @Test("the manual has a table of chord symbols")
  func hasTable() { #expect(Self.rows.count > 20) }

  @Test("a row of the table has the notes and aliases of its symbol", arguments: rows)
  func rowIsTrue(_ row: Row) throws {
    let symbol = try ChordSymbol(row.canonical)
    #expect(symbol.description == row.canonical)
    let notes = try row.notes.map { try #require(try ChordSymbol($0).root) }
    #expect(symbol.pitchClasses == PitchClassSet(notes))
    for alias in row.aliases { #expect(try ChordSymbol(alias) == symbol, "\(alias)") }
  }
}
