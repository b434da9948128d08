import JSONText
import Music

extension RecordParser {
  func plan() throws(RecordError) -> Plan {
    Plan(
      frame: try frame(),
      revision: try integer(.revision, in: Limits.time, "a revision of 0 or more"),
      commit: try frame(.commit), until: try frame(.until), chords: try chords(),
      melody: try melody())
  }

  private func chords() throws(RecordError) -> [PlannedChord] {
    var chords: [PlannedChord] = []
    try forEachObject(in: .chords) { chord throws(RecordError) in
      let (from, to) = try chord.stretch(after: chords.last?.to)
      let symbol = try chord.text(.chord, "a chord symbol")
      let bass = chord.has(.bass) ? try chord.integer(.bass, in: 0...11, "a bass 0 to 11") : nil
      let confidence = chord.has(.confidence) ? try chord.confidence() : nil
      chords.append(
        PlannedChord(
          from: from, to: to, symbol: symbol, bass: bass.map { UInt8($0) }, confidence: confidence))
    }
    return chords
  }

  private func confidence() throws(RecordError) -> Double {
    let expected: StaticString = "a confidence 0 to 1"
    let confidence = try value(.confidence, .number, expected).number(in: line)
    guard 0...1 ~= confidence else { throw unexpected(.confidence, expected) }
    return confidence
  }

  private func melody() throws(RecordError) -> [PlannedNote] {
    var melody: [PlannedNote] = []
    try forEachObject(in: .melody) { note throws(RecordError) in
      let (from, to) = try note.stretch(after: melody.last?.to)
      melody.append(PlannedNote(from: from, to: to, pitch: try note.pitch()))
    }
    return melody
  }

  /// The frames `from` and `to` of a chord or note. `from` is not before the end of the one before,
  /// so that readers of a plan can rely on its order.
  private func stretch(after end: Frame?) throws(RecordError) -> (from: Frame, to: Frame) {
    let from = try frame(.from)
    let to = try frame(.to)
    if let end, from < end { throw unexpected(.from, "a frame not before the last \"to\"") }
    guard from < to else { throw unexpected(.to, "a frame after \"from\"") }
    return (from, to)
  }

  /// Calls `body` with each object of an array of objects.
  private func forEachObject(
    in key: Key, _ body: (RecordParser) throws(RecordError) -> Void
  ) throws(RecordError) {
    var scanner = JSONScanner(line, from: try value(key, .array, "an array").start)
    guard scanner.skip(.openBracket), !scanner.skip(.closeBracket) else { return }
    repeat {
      try body(try RecordParser(line, scanner: &scanner))
    } while scanner.skip(.comma)
  }
}
