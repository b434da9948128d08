import Records
import TestSupport
import Testing

/// The examples of jam-stream(5) are records, and there is one for each type.
@Suite struct ManualTests {
  /// The lines of all literal displays. A backslash at the end joins a line with the next one.
  static func examples() throws -> [String] {
    var examples: [String] = []
    var isInDisplay = false
    var isUnfinished = false
    for line in try repositoryFile("man/jam-stream.5").split(separator: "\n") {
      switch line {
      case ".Bd -literal": isInDisplay = true
      case ".Ed": isInDisplay = false
      case _ where isInDisplay:
        let isContinued = line.hasSuffix(#"\e"#)
        let text = String(isContinued ? line.dropLast(2) : line)
        if isUnfinished { examples[examples.count - 1] += text } else { examples.append(text) }
        isUnfinished = isContinued
      default: break
      }
    }
    return examples
  }

  @Test("prints every example of the manual as it stands there")
  func examplesAreRecords() throws {
    for example in try Self.examples() {
      let record = try Record(parsing: example)
      if case .unknown = record.event { continue }
      #expect(text(RecordPrinter().line(record)) == example + "\n")
    }
  }

  @Test("has an example of every record type in the manual")
  func everyTypeHasAnExample() throws {
    let types = try Self.examples().map { example in
      try Record(parsing: example).event.typeName
    }
    #expect(
      Set(types) == [
        "header", "note_on", "note_off", "control", "program", "bend", "tick", "tempo", "meter",
        "set", "settings", "plan", "marker", "stat", "end", "lyric",
      ])
  }
}
