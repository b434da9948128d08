import Music

/// Reads the events of a track.
struct TrackParser {
  private let ticksPerTick: Int
  private var tick = 0
  /// The status byte of the last channel message: the next message may leave it out. Some files do
  /// so even after a meta event, which the standard does not allow.
  private var runningStatus: UInt8?
  private var events: [TimedEvent] = []
  private var hasEnded = false
  private var tolerance: Tolerance
  /// Whether this parser only finds out whether some events can be read.
  private var isTrial = false

  /// Reads the events up to the end of the track, after which `track` is then. What cannot be read
  /// ends the track.
  /// - Parameter ticksPerTick: how many ticks one tick of the bytes is.
  static func events(
    of track: inout ByteReader, ticksPerTick: Int = 1, _ tolerance: inout Tolerance
  ) throws(MidiFileError) -> [TimedEvent] {
    var parser = TrackParser(ticksPerTick: ticksPerTick, tolerance: tolerance)
    do throws(MidiFileError) {
      while track.remaining > 0, !parser.hasEnded { try parser.readEvent(&track) }
      if !parser.hasEnded {
        try parser.tolerance.accept(track.failure(expected: "the event that ends a track"))
      }
    } catch {
      try parser.tolerance.accept(error, remedy: "the rest of the track is left out")
      track.offset = track.end
    }
    tolerance = parser.tolerance
    return parser.events
  }

  private init(ticksPerTick: Int, tolerance: Tolerance) {
    self.ticksPerTick = ticksPerTick
    self.tolerance = tolerance
  }

  private mutating func readEvent(_ track: inout ByteReader) throws(MidiFileError) {
    let start = track.offset
    tick += ticksPerTick * (try track.variableLength("a delta time", &tolerance))
    guard tick <= MidiFile.lastTick else {
      throw track.failure(
        at: start, expected: "a tick of at most \(MidiFile.lastTick)", found: "\(tick)")
    }
    try readAfterDelta(&track)
  }

  private mutating func readAfterDelta(_ track: inout ByteReader) throws(MidiFileError) {
    let first = track.remaining > 0 ? track.bytes[track.offset] : 0
    switch first {
    case 0xFF: try readMeta(&track)
    case 0xF0, 0xF7: try skipExclusive(&track)
    case 0x80..<0xF0:
      track.offset += 1
      runningStatus = first
      try readMessage(first, &track)
    case 0..<0x80:
      if let runningStatus {
        try readMessage(runningStatus, &track)
      } else {
        try skipData(&track)
      }
    default: try skipSystemMessage(&track)
    }
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
      let pitch = Pitch(rawValue: try data("a pitch", &track))!
      let velocity = Velocity(rawValue: try data("a velocity", &track))!
      if status & 0xF0 == 0x90, velocity.rawValue > 0 {
        add(.noteOn(Note(channel: channel, pitch: pitch, velocity: velocity)))
      } else {
        add(.noteOff(Note(channel: channel, pitch: pitch, velocity: velocity)))
      }
    case 0xA0:
      _ = try data("a pitch", &track)
      _ = try data("a pressure", &track)
    case 0xB0:
      let controller = try data("a controller", &track)
      let value = try data("a controller's value", &track)
      add(.control(channel: channel, controller: controller, value: value))
    case 0xC0:
      add(.program(channel: channel, program: try data("a program", &track)))
    case 0xD0:
      _ = try data("a pressure", &track)
    default:
      let low = Int(try data("a pitch bend", &track))
      let high = Int(try data("a pitch bend", &track))
      add(.bend(channel: channel, value: high << 7 + low - 8192))
    }
  }

  /// A byte below 128.
  private mutating func data(
    _ expected: String, _ track: inout ByteReader
  ) throws(MidiFileError) -> UInt8 {
    let byte = try track.byte(expected)
    guard byte >= 0x80 else { return byte }
    try tolerance.accept(
      track.failure(at: track.offset - 1, expected: expected, found: hexadecimal(byte)),
      remedy: "clipped to 127")
    return 127
  }
}

// MARK: - Meta events

extension TrackParser {
  private mutating func readMeta(_ track: inout ByteReader) throws(MidiFileError) {
    track.offset += 1
    let type = try track.byte("the type of a meta event")
    let length = try track.variableLength("the length of a meta event", &tolerance)
    var data = try track.part(of: length, "a meta event")
    switch type {
    case 0x2F: hasEnded = true
    case 0x01: add(.text(data.text()))
    case 0x03: add(.trackName(data.text()))
    case 0x06: add(.marker(data.text()))
    case 0x51: try readTempo(&data)
    case 0x58: try readMeter(&data)
    case 0x59: try readKeySignature(&data)
    default: break
    }
  }

  private mutating func leaveOut(_ error: MidiFileError) throws(MidiFileError) {
    try tolerance.accept(error, remedy: "left out")
  }

  private mutating func readTempo(_ data: inout ByteReader) throws(MidiFileError) {
    let start = data.offset
    guard data.remaining >= 3 else {
      return try leaveOut(
        data.failure(expected: "a tempo of three bytes", found: "\(data.remaining)"))
    }
    let tempo = try data.number(bytes: 3, "a tempo")
    guard tempo > 0 else {
      return try leaveOut(data.failure(at: start, expected: "a tempo above 0", found: "0"))
    }
    add(.tempo(microsecondsPerQuarter: tempo))
  }

  private mutating func readMeter(_ data: inout ByteReader) throws(MidiFileError) {
    let start = data.offset
    guard data.remaining >= 2 else {
      return try leaveOut(
        data.failure(expected: "a meter of four bytes", found: "\(data.remaining)"))
    }
    let numerator = Int(try data.byte("a meter"))
    let power = Int(try data.byte("a meter"))
    guard power <= 6, let meter = Meter(numerator, 1 << power) else {
      return try leaveOut(
        data.failure(
          at: start, expected: "a meter from 1/1 to 64/64", found: "\(numerator)/2^\(power)"))
    }
    add(.meter(meter))
  }

  private mutating func readKeySignature(_ data: inout ByteReader) throws(MidiFileError) {
    guard data.remaining >= 2 else {
      return try leaveOut(
        data.failure(expected: "a key signature of two bytes", found: "\(data.remaining)"))
    }
    let sharps = Int(Int8(bitPattern: try data.byte("a key signature")))
    let mode = try data.byte("a key signature")
    // Some tools write nonsense here. Nothing depends on the key, so that is not even odd.
    if let key = KeySignature(sharps: sharps, isMinor: mode == 1) { add(.keySignature(key)) }
  }
}

// MARK: - What is skipped

extension TrackParser {
  /// Skips a system exclusive message, or a part of one. If its length is wrong, it ends with the
  /// first 0xF7 that only data comes before.
  private mutating func skipExclusive(_ track: inout ByteReader) throws(MidiFileError) {
    let isWhole = track.bytes[track.offset] == 0xF0
    track.offset += 1
    let length = try track.variableLength("the length of a system exclusive message", &tolerance)
    let next = track.offset + length
    if next <= track.end {
      let endsRight = length > 0 && track.bytes[next - 1] == 0xF7
      if !isWhole || endsRight || canRead(track, from: next) {
        track.offset = next
        return
      }
    }
    let message = track.part(track.offset..<track.end)
    let error = track.failure(
      expected: "\(length) bytes of a system exclusive message",
      found: length > track.remaining ? "only \(track.remaining)" : "a message without an end")
    let dataEnd = track.bytes[message.offset..<message.end].firstIndex { $0 >= 0x80 }
    guard isWhole, let dataEnd, track.bytes[dataEnd] == 0xF7 else {
      guard next <= track.end else { throw error }
      track.offset = next
      return
    }
    try tolerance.accept(
      track.failure(
        expected: "the length of a system exclusive message", found: "\(length)"))
    track.offset = dataEnd + 1
  }

  /// Skips a byte from 0xF1 to 0xFE, which has no place in a file, with its data. Programs that
  /// write what an instrument sends put such bytes before an event, or between it and its delta
  /// time.
  private mutating func skipSystemMessage(_ track: inout ByteReader) throws(MidiFileError) {
    let status = track.bytes[track.offset]
    try tolerance.accept(track.failure(expected: "a status byte"), remedy: "skipped")
    track.offset += 1
    let dataCount = [0xF1: 1, 0xF2: 2, 0xF3: 1][status, default: 0]
    let afterData = track.offset + dataCount
    if dataCount > 0, afterData <= track.end,
      track.bytes[track.offset..<afterData].allSatisfy({ $0 < 0x80 }),
      canRead(track, from: afterData)
    {
      track.offset = afterData
    } else if !canRead(track, from: track.offset),
      canRead(track, from: track.offset, isAfterDelta: true)
    {
      try readAfterDelta(&track)
    }
  }

  /// Skips data bytes that no status byte came before.
  private mutating func skipData(_ track: inout ByteReader) throws(MidiFileError) {
    let error = track.failure(expected: "a status byte")
    let limit = min(track.end, track.offset + 64)
    guard track.remaining > 0,
      let next = (track.offset..<limit).dropFirst().first(where: { canRead(track, from: $0) })
    else { throw error }
    try tolerance.accept(error, remedy: "skipped")
    track.offset = next
  }

  /// Whether the next three events from a place on, or all up to the end of the track, keep to the
  /// standard. In a trial it is taken for granted, so the cost of trials does not multiply.
  private func canRead(
    _ track: ByteReader, from place: Int, isAfterDelta: Bool = false
  ) -> Bool {
    guard place < track.end, !isTrial else { return place <= track.end }
    var trial = TrackParser(ticksPerTick: 1, tolerance: Tolerance(isStrict: true))
    trial.isTrial = true
    trial.runningStatus = runningStatus
    var rest = track.part(place..<track.end)
    do throws(MidiFileError) {
      if isAfterDelta { try trial.readAfterDelta(&rest) }
      for _ in 0..<3 where rest.remaining > 0 && !trial.hasEnded { try trial.readEvent(&rest) }
      return true
    } catch {
      return false
    }
  }
}
