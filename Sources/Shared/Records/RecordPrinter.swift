import JSONText
import Music

/// Prints records as lines of the stream: compact JSON with the time first, then the type.
///
/// No line is longer than `Limits.line`. A record that does not fit is shortened. A text is cut
/// between two characters, a `stat` loses its last counters, and `settings` lose those that are too
/// long. A plan loses its last expected notes, or everything from the first chord on that does not
/// fit.
public struct RecordPrinter: Sendable {
  public init() {}

  /// Appends `record` and a newline to `lines`.
  @inline(__always)
  public func print(_ record: Record, to lines: inout [UInt8]) {
    lines.append(addingCapacity: Limits.line) { line in
      line.append(record)
    }
  }

  /// Returns a record as a line with its newline.
  public func line(_ record: Record) -> [UInt8] {
    var line: [UInt8] = []
    print(record, to: &line)
    return line
  }
}

extension OutputSpan<UInt8> {
  /// The length of the end of a line after its last field: `}` and a newline.
  private static var tail: Int { 2 }

  mutating func append(_ record: Record) {
    append("{\"t\":")
    append(integer: Int(record.time.rawValue))
    switch record.event {
    case .tick(let frame):
      append(",\"type\":\"tick\",\"frame\":")
      append(integer: frame.rawValue)
    case .message(let message):
      append(message)
    default:
      append(rarerEvent: record.event)
    }
    append("}\n")
  }

  @inline(__always)
  private mutating func append(_ message: ChannelMessage) {
    switch message {
    case .noteOn(let note):
      append(",\"type\":\"note_on\"")
      append(note)
    case .noteOff(let note):
      append(",\"type\":\"note_off\"")
      append(note)
    case .control(let channel, let controller, let value):
      append(",\"type\":\"control\",\"ch\":")
      append(integer: Int(channel.rawValue))
      append(",\"controller\":")
      append(integer: Int(controller))
      append(",\"value\":")
      append(integer: Int(value))
    case .program(let channel, let program):
      append(",\"type\":\"program\",\"ch\":")
      append(integer: Int(channel.rawValue))
      append(",\"program\":")
      append(integer: Int(program))
    case .bend(let channel, let value):
      append(",\"type\":\"bend\",\"ch\":")
      append(integer: Int(channel.rawValue))
      append(",\"value\":")
      append(integer: value)
    }
  }

  @inline(__always)
  private mutating func append(_ note: Note) {
    append(",\"ch\":")
    append(integer: Int(note.channel.rawValue))
    append(",\"note\":")
    append(integer: Int(note.pitch.rawValue))
    append(",\"vel\":")
    append(integer: Int(note.velocity.rawValue))
  }

  private mutating func append(rarerEvent event: Event) {
    switch event {
    case .header(let header): append(header)
    case .tempo(let frame, let beatsPerMinute):
      append(",\"type\":\"tempo\",\"frame\":")
      append(integer: frame.rawValue)
      append(",\"value\":")
      append(number: beatsPerMinute)
    case .meter(let frame, let meter):
      append(",\"type\":\"meter\",\"frame\":")
      append(integer: frame.rawValue)
      append(",\"value\":")
      append(quoted: meter.text, leaving: freeCapacity / 2)
    case .set(let name, let value): append(setting: name, value)
    case .settings(let settings): append(settings)
    case .plan(let plan): append(plan)
    case .marker(let text):
      append(",\"type\":\"marker\",\"text\":")
      append(quoted: text, leaving: Self.tail)
    case .stat(let counters): append(counters)
    case .end(let reason):
      append(",\"type\":\"end\",\"reason\":")
      append(quoted: reason, leaving: Self.tail)
    case .unknown(let type):
      append(",\"type\":")
      append(quoted: type, leaving: Self.tail)
    case .tick, .message: break
    }
  }

  private mutating func append(_ header: Header) {
    append(",\"type\":\"header\",\"format\":\"jam\",\"version\":1")
    if let epoch = header.epoch {
      append(",\"epoch_us\":")
      append(integer: Int(epoch.rawValue))
    }
    // The strings share what is left: half of it, then half of the rest, then all of the rest.
    if let wall = header.wall {
      append(",\"wall\":")
      append(quoted: wall, leaving: freeCapacity / 2)
    }
    append(",\"tempo\":")
    append(number: header.tempo)
    append(",\"meter\":")
    append(quoted: header.meter.text, leaving: freeCapacity / 2)
    append(",\"frames_per_beat\":")
    append(integer: header.framesPerBeat)
    append(",\"producer\":")
    append(quoted: header.producer, leaving: freeCapacity / 2)
    append(",\"source\":")
    append(quoted: header.source, leaving: Self.tail)
  }

  private mutating func append(setting name: String, _ value: SettingValue) {
    append(",\"type\":\"set\",\"name\":")
    append(quoted: name, leaving: freeCapacity / 2)
    append(",\"value\":")
    append(value)
  }

  mutating func append(_ value: SettingValue) {
    switch value {
    case .number(let number): append(number: number)
    case .text(let text): append(quoted: text, leaving: Self.tail)
    case .flag(let flag): append(flag ? "true" : "false")
    }
  }

  private mutating func append(_ settings: [Setting]) {
    append(",\"type\":\"settings\"")
    for setting in settings {
      guard append(field: setting.name, longest: setting.value.longest) else { continue }
      append(setting.value)
    }
  }

  private mutating func append(_ counters: [Counter]) {
    append(",\"type\":\"stat\"")
    for counter in counters {
      guard append(field: counter.name, longest: SettingValue.longestNumber) else { return }
      append(number: counter.value)
    }
  }

  /// Begins a field whose value has at most `longest` bytes. Returns false if there is no room for
  /// it.
  private mutating func append(field name: String, longest: Int) -> Bool {
    guard freeCapacity > name.utf8.count * 6 + longest + 8 else { return false }
    append(.comma)
    append(quoted: name, leaving: longest + Self.tail)
    append(.colon)
    return true
  }

  // MARK: Plans

  private mutating func append(_ plan: Plan) {
    let start = count
    append(",\"type\":\"plan\",\"frame\":")
    append(integer: plan.frame.rawValue)
    append(",\"rev\":")
    append(integer: plan.revision)
    append(",\"commit\":")
    append(integer: plan.commit.rawValue)
    append(",\"until\":")
    append(integer: plan.until.rawValue)
    append(",\"chords\":[")
    for (index, chord) in plan.chords.enumerated() {
      guard append(chord, isFirst: index == 0) else {
        // Without its last chords, the plan has a nearer horizon.
        removeLast(count - start)
        return append(plan.shortened(toChords: index))
      }
    }
    append("],\"melody\":[")
    for (index, note) in plan.melody.enumerated() {
      guard append(note, isFirst: index == 0) else { break }
    }
    append("]")
  }

  /// The length of the end of a plan: `],"melody":[]}` and a newline.
  private static var planTail: Int { 16 }
  /// The most bytes of a chord without its symbol, or of a note.
  private static var longestStretch: Int { 100 }

  private mutating func append(_ chord: PlannedChord, isFirst: Bool) -> Bool {
    guard freeCapacity >= Self.planTail + Self.longestStretch + chord.symbol.utf8.count * 6 else {
      return false
    }
    append(from: chord.from, to: chord.to, isFirst: isFirst)
    append(",\"chord\":")
    append(quoted: chord.symbol, leaving: 0)
    if let bass = chord.bass {
      append(",\"bass\":")
      append(integer: Int(bass))
    }
    if let confidence = chord.confidence {
      append(",\"confidence\":")
      append(number: confidence)
    }
    append("}")
    return true
  }

  private mutating func append(_ note: PlannedNote, isFirst: Bool) -> Bool {
    guard freeCapacity >= Self.planTail + Self.longestStretch else { return false }
    append(from: note.from, to: note.to, isFirst: isFirst)
    append(",\"note\":")
    append(integer: Int(note.pitch.rawValue))
    append("}")
    return true
  }

  private mutating func append(from: Frame, to: Frame, isFirst: Bool) {
    append(isFirst ? "{\"from\":" : ",{\"from\":")
    append(integer: from.rawValue)
    append(",\"to\":")
    append(integer: to.rawValue)
  }
}

extension SettingValue {
  /// The most bytes that a number takes.
  static let longestNumber = 24

  /// The most bytes that it may take.
  var longest: Int {
    guard case .text(let text) = self else { return Self.longestNumber }
    return text.utf8.count * 6 + 2
  }
}

extension Plan {
  fileprivate func shortened(toChords count: Int) -> Plan {
    var plan = self
    plan.chords.removeSubrange(count...)
    plan.until = min(until, plan.chords.last?.to ?? frame)
    plan.melody.removeAll { $0.to > plan.until }
    return plan
  }
}
