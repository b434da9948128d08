import JSONText

/// The names of the fields of records. Fields with other names are ignored.
enum Key: Int, CaseIterable {
  case time, type, channel, note, velocity, controller, value, program, frame, revision, commit
  case until, chords, melody, from, to, chord, bass, confidence, format, version, epoch, wall
  case tempo, meter, framesPerBeat, producer, source, name, text, reason

  /// The name of the field in the stream.
  var name: StaticString {
    switch self {
    case .time: "t"
    case .type: "type"
    case .channel: "ch"
    case .note: "note"
    case .velocity: "vel"
    case .controller: "controller"
    case .value: "value"
    case .program: "program"
    case .frame: "frame"
    case .revision: "rev"
    case .commit: "commit"
    case .until: "until"
    case .chords: "chords"
    case .melody: "melody"
    case .from: "from"
    case .to: "to"
    case .chord: "chord"
    case .bass: "bass"
    case .confidence: "confidence"
    case .format: "format"
    case .version: "version"
    case .epoch: "epoch_us"
    case .wall: "wall"
    case .tempo: "tempo"
    case .meter: "meter"
    case .framesPerBeat: "frames_per_beat"
    case .producer: "producer"
    case .source: "source"
    case .name: "name"
    case .text: "text"
    case .reason: "reason"
    }
  }

  /// The key with a name. The most frequent names are compared first.
  @inline(__always)
  init?(_ name: UnsafeRawBufferPointer) {
    switch name {
    case "t": self = .time
    case "type": self = .type
    case "ch": self = .channel
    case "note": self = .note
    case "vel": self = .velocity
    case "frame": self = .frame
    case "controller": self = .controller
    case "value": self = .value
    case "program": self = .program
    case "from": self = .from
    case "to": self = .to
    case "chord": self = .chord
    case "bass": self = .bass
    case "confidence": self = .confidence
    case "rev": self = .revision
    case "commit": self = .commit
    case "until": self = .until
    case "chords": self = .chords
    case "melody": self = .melody
    case "format": self = .format
    case "version": self = .version
    case "epoch_us": self = .epoch
    case "wall": self = .wall
    case "tempo": self = .tempo
    case "meter": self = .meter
    case "frames_per_beat": self = .framesPerBeat
    case "producer": self = .producer
    case "source": self = .source
    case "name": self = .name
    case "text": self = .text
    case "reason": self = .reason
    default: return nil
    }
  }
}

/// Whether `bytes` are those of `literal`, so that `switch` compares without making strings.
@inline(__always)
func ~= (literal: StaticString, bytes: UnsafeRawBufferPointer) -> Bool {
  guard literal.utf8CodeUnitCount == bytes.count else { return false }
  for index in 0..<bytes.count where literal.utf8Start[index] != bytes[index] { return false }
  return true
}

/// The values of the known fields of an object. Of fields with one name the last counts, as in jq.
struct Fields {
  private(set) var values = InlineArray<31, JSONValue>(repeating: .absent)

  subscript(key: Key) -> JSONValue { values[key.rawValue] }

  /// Reads an object: keeps its known fields, and checks the JSON of all others.
  @inline(__always)
  mutating func read(from scanner: inout JSONScanner) throws(JSONError) {
    let line = scanner.bytes
    try scanner.forEachMember { name, value throws(JSONError) in
      if let key = Fields.key(name, in: line) { values[key.rawValue] = value }
    }
  }

  @inline(__always)
  static func key(_ name: JSONValue, in line: UnsafeRawBufferPointer) -> Key? {
    if name.isEscaped {
      var text = name.text(in: line)
      return text.withUTF8 { Key(UnsafeRawBufferPointer($0)) }
    }
    return Key(name.contents(in: line))
  }
}
