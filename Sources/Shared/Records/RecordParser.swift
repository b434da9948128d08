import JSONText
import Music

extension Record {
  /// Parses a line, with or without its newline.
  public init(parsing line: RawSpan) throws(RecordError) {
    self = try line.withUnsafeBytes { bytes throws(RecordError) in
      try RecordParser(bytes).record()
    }
  }

  public init(parsing line: [UInt8]) throws(RecordError) {
    self = try Record(parsing: line.span.bytes)
  }

  public init(parsing line: String) throws(RecordError) {
    self = try Record(parsing: Array(line.utf8))
  }
}

/// Parses the record of a line, or an object within it.
struct RecordParser {
  let line: UnsafeRawBufferPointer
  private(set) var fields = Fields()

  /// Finds the fields of a whole line.
  @inline(__always)
  init(_ line: UnsafeRawBufferPointer) throws(RecordError) {
    self.line = line
    guard line.count <= Limits.line else { throw .overlong }
    var scanner = JSONScanner(line)
    scanner.skipSpace()
    guard scanner.position < line.count else {
      throw RecordError(message: "expected a record, found a blank line")
    }
    try read(from: &scanner)
    scanner.skipSpace()
    guard scanner.position == line.count else {
      throw RecordError(scanner.unexpected("the end of the line"))
    }
  }

  /// Finds the fields of an object within a line.
  init(_ line: UnsafeRawBufferPointer, scanner: inout JSONScanner) throws(RecordError) {
    self.line = line
    try read(from: &scanner)
  }

  @inline(__always)
  private mutating func read(from scanner: inout JSONScanner) throws(RecordError) {
    do throws(JSONError) {
      try fields.read(from: &scanner)
    } catch {
      throw RecordError(error)
    }
  }

  @inline(__always)
  func record() throws(RecordError) -> Record {
    let type = try value(.type, .string, "a record's type")
    if type.isEscaped {
      var name = type.text(in: line)
      // This path copies the name twice, but no tool escapes the types of frequent records.
      let utf8 = name.withUTF8 { Array($0) }
      return try utf8.span.bytes.withUnsafeBytes { bytes throws(RecordError) in
        try record(ofType: bytes)
      }
    }
    return try record(ofType: type.contents(in: line))
  }

  @inline(__always)
  private func record(ofType type: UnsafeRawBufferPointer) throws(RecordError) -> Record {
    if case "header" = type { try checkVersion() }
    let time = try integer(.time, in: Limits.time, "a time in microseconds")
    return Record(time: Microseconds(Int64(time)), event: try event(ofType: type))
  }

  @inline(__always)
  private func event(ofType type: UnsafeRawBufferPointer) throws(RecordError) -> Event {
    switch type {
    case "tick": return .tick(try frame())
    case "note_on":
      let note = try note()
      // MIDI has this second form of a note-off.
      return .message(note.velocity.rawValue == 0 ? .noteOff(note) : .noteOn(note))
    case "note_off": return .message(.noteOff(try note()))
    case "control":
      return .message(
        .control(
          channel: try channel(), controller: try sevenBits(.controller, "a controller 0 to 127"),
          value: try sevenBits(.value, "a value 0 to 127")))
    case "program":
      return .message(
        .program(channel: try channel(), program: try sevenBits(.program, "a program 0 to 127")))
    case "bend":
      return .message(
        .bend(
          channel: try channel(),
          value: try integer(.value, in: ChannelMessage.bends, "a bend -8192 to 8191")))
    default: return try rarerEvent(ofType: type)
    }
  }

  private func rarerEvent(ofType type: UnsafeRawBufferPointer) throws(RecordError) -> Event {
    switch type {
    case "header": .header(try header())
    case "tempo": .tempo(frame: try frame(), beatsPerMinute: try tempo(.value))
    case "meter": .meter(frame: try frame(), try meter(.value))
    case "set": .set(name: try text(.name, "a setting's name"), value: try settingValue())
    case "settings": .settings(settings())
    case "plan": .plan(try plan())
    case "marker": .marker(text: try text(.text, "a text"))
    case "stat": .stat(counters())
    case "end": .end(reason: try text(.reason, "a reason"))
    default: .unknown(type: String(decoding: type, as: UTF8.self))
    }
  }

  // MARK: Fields of several types

  @inline(__always)
  private func note() throws(RecordError) -> Note {
    Note(channel: try channel(), pitch: try pitch(), velocity: try velocity())
  }

  @inline(__always)
  private func channel() throws(RecordError) -> Channel {
    let expected: StaticString = "a channel 1 to 16"
    guard let channel = Channel(try integer(.channel, in: 1...16, expected)) else {
      throw unexpected(.channel, expected)
    }
    return channel
  }

  @inline(__always)
  func pitch() throws(RecordError) -> Pitch {
    let expected: StaticString = "a pitch 0 to 127"
    guard let pitch = Pitch(try integer(.note, in: 0...127, expected)) else {
      throw unexpected(.note, expected)
    }
    return pitch
  }

  @inline(__always)
  private func velocity() throws(RecordError) -> Velocity {
    let expected: StaticString = "a velocity 0 to 127"
    guard let velocity = Velocity(try integer(.velocity, in: 0...127, expected)) else {
      throw unexpected(.velocity, expected)
    }
    return velocity
  }

  @inline(__always)
  private func sevenBits(_ key: Key, _ expected: StaticString) throws(RecordError) -> UInt8 {
    UInt8(try integer(key, in: 0...127, expected))
  }

  @inline(__always)
  func frame(_ key: Key = .frame) throws(RecordError) -> Frame {
    Frame(try integer(key, in: Limits.frame, "a frame number"))
  }

  private func tempo(_ key: Key) throws(RecordError) -> Double {
    let expected: StaticString = "a tempo of 1 to 10000 beats a minute"
    let tempo = try value(key, .number, expected).number(in: line)
    guard Limits.tempo.contains(tempo) else { throw unexpected(key, expected) }
    return tempo
  }

  private func meter(_ key: Key) throws(RecordError) -> Meter {
    let expected: StaticString = "a meter such as \"4/4\""
    guard let meter = Meter(try text(key, expected)) else { throw unexpected(key, expected) }
    return meter
  }

  // MARK: Rarer types

  /// Checks the version of a header first: another version may have other fields.
  private func checkVersion() throws(RecordError) {
    guard try text(.format, "\"jam\"") == "jam" else { throw unexpected(.format, "\"jam\"") }
    let expected: StaticString = "version 1"
    guard try value(.version, .number, expected).integer(in: line) == 1 else {
      throw unexpected(.version, expected)
    }
  }

  private func header() throws(RecordError) -> Header {
    var header = Header(producer: "", source: "")
    if has(.epoch) {
      let epoch = try integer(.epoch, in: Limits.time, "a time in microseconds")
      header.epoch = Microseconds(Int64(epoch))
    }
    if has(.wall) { header.wall = try text(.wall, "a time of day") }
    if has(.tempo) { header.tempo = try tempo(.tempo) }
    if has(.meter) { header.meter = try meter(.meter) }
    if has(.framesPerBeat) {
      header.framesPerBeat = try integer(
        .framesPerBeat, in: Limits.framesPerBeat, "a number of frames 1 to 96")
    }
    if has(.producer) { header.producer = try text(.producer, "a program's name") }
    if has(.source) { header.source = try text(.source, "a source's name") }
    return header
  }

  private func settingValue() throws(RecordError) -> SettingValue {
    let value = fields[.value]
    guard let setting = SettingValue(value, in: line) else {
      throw unexpected(
        .value,
        value.kind == .number
          ? "a number in a Double's range" : "a number, a string or a boolean")
    }
    return setting
  }

  /// All numeric fields except the time, in order.
  private func counters() -> [Counter] {
    settings().compactMap { field in
      guard case .number(let number) = field.value else { return nil }
      return Counter(name: field.name, value: number)
    }
  }

  /// All fields that can be settings, except the time and the type, in order.
  private func settings() -> [Setting] {
    var settings: [Setting] = []
    var scanner = JSONScanner(line)
    // The line was read before, so this does not throw.
    try? scanner.forEachMember { name, value throws(JSONError) in
      let key = Fields.key(name, in: line)
      if key != .time, key != .type, let value = SettingValue(value, in: line) {
        settings.append(Setting(name: name.text(in: line), value: value))
      }
    }
    return settings
  }

  // MARK: Values

  @inline(__always)
  func has(_ key: Key) -> Bool {
    let kind = fields[key].kind
    return kind != .absent && kind != .null
  }

  @inline(__always)
  func value(
    _ key: Key, _ kind: JSONValue.Kind, _ expected: StaticString
  ) throws(RecordError) -> JSONValue {
    let value = fields[key]
    guard value.kind == kind else { throw unexpected(key, expected) }
    return value
  }

  @inline(__always)
  func integer(
    _ key: Key, in range: ClosedRange<Int>, _ expected: StaticString
  ) throws(RecordError) -> Int {
    guard let integer = try value(key, .number, expected).integer(in: line),
      range.contains(integer)
    else { throw unexpected(key, expected) }
    return integer
  }

  func text(_ key: Key, _ expected: StaticString) throws(RecordError) -> String {
    try value(key, .string, expected).text(in: line)
  }

  /// The error that a field is missing, or has another value than `expected`.
  func unexpected(_ key: Key, _ expected: StaticString) -> RecordError {
    let value = fields[key]
    let found = value.kind == .absent ? "nothing" : quotation(value.bytes(in: line))
    return RecordError(
      column: value.start + 1, field: "\(key.name)",
      message: "expected \(expected) in \"\(key.name)\", found \(found)")
  }
}

extension RecordError {
  static let overlong = RecordError(
    column: Limits.line + 1, message: "line longer than \(Limits.line) bytes with its newline")
}
