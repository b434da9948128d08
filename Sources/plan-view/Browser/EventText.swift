import AgentSettings
import Chords
import Records

/// What goes to browsers: server-sent events, whose data is JSON that is made here, never a line as it
/// came.
enum EventText {
  /// The events of a record; none where the page has no use for it.
  static func of(_ record: Record) -> [UInt8] {
    switch record.event {
    case .control, .program, .bend, .unknown: return []
    case .plan(let plan): return notes(plan) + data(record)
    default: return data(record)
    }
  }

  /// Everything before is forgotten.
  static let start = event("start", "{}")

  /// Which settings there are, what they may be, and whether the page can change them.
  static func controls(canSet: Bool) -> [UInt8] {
    let ranges = Settings.ranges.map { name, range in
      "{\"name\":\(name.quotedAsJSON),\"from\":\(range.lowerBound),\"to\":\(range.upperBound)}"
    }
    return event("controls", "{\"canSet\":\(canSet),\"ranges\":[\(ranges.joined(separator: ","))]}")
  }

  /// Where the bar at hand began, and its number, from 1.
  static func bar(_ number: Int, from frame: Frame) -> [UInt8] {
    event("bar", "{\"frame\":\(frame.rawValue),\"bar\":\(number)}")
  }

  /// The key that what is played is in.
  static func key(_ key: MusicalKey) -> [UInt8] {
    event("key", "{\"name\":\(key.name.quotedAsJSON)}")
  }

  /// The pitch classes of the chords of a plan, the lowest first: so the page needs no grammar.
  private static func notes(_ plan: Plan) -> [UInt8] {
    let members = Set(plan.chords.map(\.symbol)).sorted().compactMap { symbol -> String? in
      guard let chord = try? ChordSymbol(symbol), let bass = chord.bass else { return nil }
      let upper = chord.pitchClasses.subtracting(PitchClassSet(bass)).pitchClasses
      let numbers = ([bass] + upper).map { "\($0.rawValue)" }.joined(separator: ",")
      return "\(symbol.quotedAsJSON):[\(numbers)]"
    }
    return event("notes", "{\(members.joined(separator: ","))}")
  }

  private static func data(_ record: Record) -> [UInt8] {
    // The line's own newline ends the data, an empty line the event.
    Array("data: ".utf8) + RecordPrinter().line(record) + [UInt8(ascii: "\n")]
  }

  private static func event(_ name: String, _ json: String) -> [UInt8] {
    Array("event: \(name)\ndata: \(json)\n\n".utf8)
  }
}
