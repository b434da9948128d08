import AgentSettings
import Chords
import Music
import Records

/// What goes to browsers: server-sent events, whose data is JSON that is made here, never a line as it
/// came.
enum EventText {
  /// The events of a record; none where the page has no use for it.
  static func of(_ record: Record, naming: ChordNaming) -> [UInt8] {
    switch record.event {
    case .message(.control), .message(.program), .message(.bend), .unknown: return []
    case .plan(let plan): return chords(plan.chords, naming) + data(record)
    default: return data(record)
    }
  }

  /// Everything before is forgotten.
  static let start = event("start", "{}")

  /// Which settings there are, what they may be, and whether the page can change them.
  static func controls(canSet: Bool) -> [UInt8] {
    let ranges = Settings.table.compactMap { setting in
      setting.amount.map { range in
        "{\"name\":\(setting.name.quotedAsJSON),\"from\":\(range.lowerBound),"
          + "\"to\":\(range.upperBound)}"
      }
    }
    return event("controls", "{\"canSet\":\(canSet),\"ranges\":[\(ranges.joined(separator: ","))]}")
  }

  /// Where the bar at hand began, and its number, from 1.
  static func bar(_ number: Int, from frame: Frame) -> [UInt8] {
    event("bar", "{\"frame\":\(frame.rawValue),\"bar\":\(number)}")
  }

  /// What holds for all that is shown: the key that the music is in, chords ahead, semitones up,
  /// milliseconds later.
  static func view(_ options: ViewOptions, key: MusicalKey?) -> [UInt8] {
    let name = key.map { $0.transposed(by: options.transposition).name.quotedAsJSON } ?? "null"
    return event(
      "view",
      "{\"key\":\(name),\"next\":\(options.next ?? 2),\"transpose\":\(options.transposition),"
        + "\"offset\":\(options.offset)}")
  }

  /// How chords are written, and their pitch classes, the lowest first: so the page
  /// needs no grammar.
  static func chords(_ chords: [PlannedChord], _ naming: ChordNaming) -> [UInt8] {
    let members = Set(chords.map(\.symbol)).sorted().map { symbol in
      var classes: [PitchClass] = []
      if let chord = try? ChordSymbol(symbol), let bass = chord.bass {
        classes = [bass] + chord.pitchClasses.subtracting(PitchClassSet(bass)).pitchClasses
      }
      let numbers = classes.map { "\($0.rawValue)" }.joined(separator: ",")
      let name = naming.name(symbol).quotedAsJSON
      return "\(symbol.quotedAsJSON):{\"name\":\(name),\"classes\":[\(numbers)]}"
    }
    return event("chords", "{\(members.joined(separator: ","))}")
  }

  private static func data(_ record: Record) -> [UInt8] {
    // The line's own newline ends the data, an empty line the event.
    Array("data: ".utf8) + RecordPrinter().line(record) + [UInt8(ascii: "\n")]
  }

  private static func event(_ name: String, _ json: String) -> [UInt8] {
    Array("event: \(name)\ndata: \(json)\n\n".utf8)
  }
}
