import Music

/// Reads the events of a track.
struct TrackParser {
  private var tick = 0
  /// The status byte of the last channel message: the next message may leave it out. Some files do
  /// so even after a meta event, which the standard does not allow.
  private var runningStatus: UInt8?
  private var events: [TimedEvent] = []

  static func events(of track: inout ByteReader) throws(MidiFileError) -> [TimedEvent] {
    var parser = TrackParser()
    while track.remaining > 0, try parser.readEvent(&track) {}
    return parser.events
  }

  /// Reads an event. Returns false at the end of the track.
  private mutating func readEvent(_ track: inout ByteReader) throws(MidiFileError) -> Bool {
    let start = track.offset
    tick += try track.variableLength("a delta time")
    guard tick <= MidiFile.lastTick else {
      throw track.failure(
        at: start, expected: "a tick of at most \(MidiFile.lastTick)", found: "\(tick)")
    }
    let first = track.remaining > 0 ? track.bytes[track.offset] : 0
    switch first {
    case 0xFF:
      return try readMeta(&track)
    case 0xF0, 0xF7:
      track.offset += 1
      let length = try track.variableLength("the length of a system exclusive message")
      _ = try track.part(of: length, "a system exclusive message")
    case 0x80..<0xF0:
      track.offset += 1
      runningStatus = first
      try readMessage(first, &track)
    case 0..<0x80:
      guard let runningStatus else { throw track.failure(expected: "a status byte") }
      try readMessage(runningStatus, &track)
    default:
      throw track.failure(expected: "a status byte")
    }
    return true
  }

  private mutating func add(_ event: MidiEvent) {
    events.append(TimedEvent(tick: tick, event: event))
  }

  private mutating func add(_ message: ChannelMessage) { add(.message(message)) }

  /// Reads a channel message after its status byte.
  private mutating func readMessage(
    _ status: UInt8, _ track: inout ByteReader
  ) throws(MidiFileError) {
    let channel = Channel(Int(status & 0x0F) + 1)!
    switch status & 0xF0 {
    case 0x80, 0x90:
      let pitch = Pitch(rawValue: try track.dataByte("a pitch"))!
      let velocity = Velocity(rawValue: try track.dataByte("a velocity"))!
      if status & 0xF0 == 0x90, velocity.rawValue > 0 {
        add(.noteOn(Note(channel: channel, pitch: pitch, velocity: velocity)))
      } else {
        add(.noteOff(Note(channel: channel, pitch: pitch, velocity: velocity)))
      }
    case 0xA0:
      _ = try track.dataByte("a pitch")
      _ = try track.dataByte("a pressure")
    case 0xB0:
      let controller = try track.dataByte("a controller")
      let value = try track.dataByte("a controller's value")
      add(.control(channel: channel, controller: controller, value: value))
    case 0xC0:
      add(.program(channel: channel, program: try track.dataByte("a program")))
    case 0xD0:
      _ = try track.dataByte("a pressure")
    default:
      let low = Int(try track.dataByte("a pitch bend"))
      let high = Int(try track.dataByte("a pitch bend"))
      add(.bend(channel: channel, value: high << 7 + low - 8192))
    }
  }

  /// Reads a meta event. Returns false for the end of the track.
  private mutating func readMeta(_ track: inout ByteReader) throws(MidiFileError) -> Bool {
    track.offset += 1
    let type = try track.byte("the type of a meta event")
    let length = try track.variableLength("the length of a meta event")
    var data = try track.part(of: length, "a meta event")
    switch type {
    case 0x2F: return false
    case 0x01: add(.text(data.text()))
    case 0x03: add(.trackName(data.text()))
    case 0x06: add(.marker(data.text()))
    case 0x51: try readTempo(&data)
    case 0x58: try readMeter(&data)
    case 0x59: try readKeySignature(&data)
    default: break
    }
    return true
  }

  private mutating func readTempo(_ data: inout ByteReader) throws(MidiFileError) {
    let start = data.offset
    let tempo = try data.number(bytes: 3, "a tempo of three bytes")
    guard tempo > 0 else {
      throw data.failure(at: start, expected: "a tempo above 0", found: "0")
    }
    add(.tempo(microsecondsPerQuarter: tempo))
  }

  private mutating func readMeter(_ data: inout ByteReader) throws(MidiFileError) {
    let start = data.offset
    let numerator = Int(try data.byte("a meter"))
    let power = Int(try data.byte("a meter"))
    guard power <= 6, let meter = Meter(numerator, 1 << power) else {
      throw data.failure(
        at: start, expected: "a meter from 1/1 to 64/64", found: "\(numerator)/2^\(power)")
    }
    add(.meter(meter))
  }

  private mutating func readKeySignature(_ data: inout ByteReader) throws(MidiFileError) {
    let sharps = Int(Int8(bitPattern: try data.byte("a key signature")))
    let mode = try data.byte("a key signature")
    // Some tools write nonsense here. Nothing depends on the key, so that is no reason to refuse
    // the file.
    if let key = KeySignature(sharps: sharps, isMinor: mode == 1) { add(.keySignature(key)) }
  }
}
