import Chords
import JSONText
import MidiFile
import Music
import Records

/// A list of the parts of a file, for people or for programs.
struct PartList {
  private let parts: [Part]
  /// The part that is played if no option chooses; nil if there are only drums.
  private let melody: Part?

  /// Throws if the file has no notes.
  init(_ file: MidiFile) throws(TuneError) {
    parts = Part.parts(of: file)
    guard !parts.isEmpty else { throw .noNotes }
    melody = parts.melody(ticksPerQuarter: file.ticksPerQuarter)
  }

  /// A table: a heading, and a line for each part, with a star before the melody's.
  var text: String {
    let rows =
      [["", "track", "channel", "program", "notes", "range", "name"]] + parts.map(row)
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
    return rows.map { row in
      var line = row[0].isEmpty ? " " : row[0]
      for (column, cell) in row.enumerated().dropFirst() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        line += "  " + (Self.numbers.contains(column) ? space + cell : cell + space)
      }
      return line.withoutTrailingSpaces + "\n"
    }.joined()
  }

  /// A JSON object for each part, each on a line of its own.
  var json: String {
    parts.map { part in
      let range = part.range
      let object = JSON.object([
        ("track", .integer(part.track)), ("channel", .integer(Int(part.channel.rawValue))),
        ("name", part.name.map { .text($0) } ?? .null),
        ("program", part.program.map { .integer(Int($0)) } ?? .null),
        ("notes", .integer(part.notes.count)),
        ("lowest", .integer(Int(range.lowerBound.rawValue))),
        ("highest", .integer(Int(range.upperBound.rawValue))),
        ("melody", .flag(part == melody)),
      ])
      return "\(object)\n"
    }.joined()
  }

  /// The columns of the table that hold numbers.
  private static let numbers: Set = [1, 2, 4]

  private func row(_ part: Part) -> [String] {
    let program =
      part.channel == .drums
      ? "drums" : part.program.map { "\($0) \(ProgramFamily(program: $0).name)" }
    return [
      part == melody ? "*" : "", "\(part.track)", "\(part.channel.rawValue)", program ?? "-",
      "\(part.notes.count)", "\(part.range.lowerBound.name)-\(part.range.upperBound.name)",
      part.name?.printable() ?? "",
    ]
  }
}

extension Part {
  /// From the lowest note to the highest.
  fileprivate var range: ClosedRange<Pitch> {
    let pitches = notes.map(\.note.pitch)
    return pitches.min()!...pitches.max()!
  }
}

extension Pitch {
  /// `C4` is middle C.
  fileprivate var name: String {
    "\(NoteName(PitchClass(semitonesAboveC: Int(rawValue))))\(Int(rawValue) / 12 - 1)"
  }
}

extension String {
  fileprivate var withoutTrailingSpaces: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
