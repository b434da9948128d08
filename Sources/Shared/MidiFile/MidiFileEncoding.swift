import Music

extension MidiFile {
  /// Returns the bytes of the file. The events of each track are put in order of ticks, and the end
  /// of the track is added. At one tick note-offs come before note-ons, and all other events keep
  /// their order.
  ///
  /// Numbers beyond the range of the format are clamped.
  public func encoded() -> [UInt8] {
    var bytes = Array("MThd".utf8)
    bytes.append(number: 6, bytes: 4)
    bytes.append(number: Int(format.rawValue), bytes: 2)
    bytes.append(number: min(tracks.count, 0xFFFF), bytes: 2)
    bytes.append(number: min(max(ticksPerQuarter, 1), 0x7FFF), bytes: 2)
    for track in tracks {
      let body = Self.encoded(track)
      bytes += "MTrk".utf8
      bytes.append(number: body.count, bytes: 4)
      bytes += body
    }
    return bytes
  }

  private static func encoded(_ track: [TimedEvent]) -> [UInt8] {
    var bytes: [UInt8] = []
    var last = 0
    for timed in inOrder(track) {
      bytes.append(variableLength: timed.tick - last)
      bytes.append(timed.event)
      last = max(last, timed.tick)
    }
    return bytes + [0x00, 0xFF, 0x2F, 0x00]
  }

  /// Orders the events of a track. A note that ends at the tick where the same key begins another
  /// one must end first. Only notes are moved: a program change stays before the note that it is
  /// for.
  static func inOrder(_ track: [TimedEvent]) -> [TimedEvent] {
    track.enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      if a.tick != b.tick { return a.tick < b.tick }
      let (aIsOff, bIsOff) = (a.event.isNoteOff, b.event.isNoteOff)
      return aIsOff == bIsOff ? left.offset < right.offset : aIsOff
    }.map(\.element)
  }
}

extension MidiEvent {
  fileprivate var isNoteOff: Bool {
    if case .message(.noteOff) = self { true } else { false }
  }
}

extension [UInt8] {
  /// Most significant byte first.
  fileprivate mutating func append(number: Int, bytes count: Int) {
    for shift in (0..<count).reversed() { append(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
  }

  /// Seven bits a byte, most significant first, all but the last with the high bit set.
  fileprivate mutating func append(variableLength number: Int) {
    let value = Swift.min(Swift.max(number, 0), 0x0FFF_FFFF)
    for shift in [21, 14, 7] where value >> shift > 0 {
      append(UInt8(value >> shift & 0x7F) | 0x80)
    }
    append(UInt8(value & 0x7F))
  }

  fileprivate mutating func append(meta type: UInt8, _ data: [UInt8]) {
    append(0xFF)
    append(type)
    append(variableLength: data.count)
    self += data
  }

  fileprivate mutating func append(status: UInt8, _ channel: Channel, _ data: UInt8...) {
    append(status | (channel.rawValue - 1))
    self += data.map { Swift.min($0, 127) }
  }

  private mutating func append(_ message: ChannelMessage) {
    switch message {
    case .noteOn(let note):
      append(status: 0x90, note.channel, note.pitch.rawValue, note.velocity.rawValue)
    case .noteOff(let note):
      append(status: 0x80, note.channel, note.pitch.rawValue, note.velocity.rawValue)
    case .control(let channel, let controller, let value):
      append(status: 0xB0, channel, controller, value)
    case .program(let channel, let program):
      append(status: 0xC0, channel, program)
    case .bend(let channel, let value):
      let bend = Swift.min(Swift.max(value + 8192, 0), 0x3FFF)
      append(status: 0xE0, channel, UInt8(bend & 0x7F), UInt8(bend >> 7))
    }
  }

  fileprivate mutating func append(_ event: MidiEvent) {
    switch event {
    case .message(let message): append(message)
    case .tempo(let microsecondsPerQuarter):
      var data: [UInt8] = []
      data.append(number: Swift.min(Swift.max(microsecondsPerQuarter, 1), 0xFF_FFFF), bytes: 3)
      append(meta: 0x51, data)
    case .meter(let meter):
      // The last two bytes: a metronome click on every quarter note, 8 32nd notes in a quarter.
      let power = UInt8(meter.denominator.trailingZeroBitCount)
      append(meta: 0x58, [UInt8(meter.numerator), power, 24, 8])
    case .keySignature(let key):
      append(meta: 0x59, [UInt8(bitPattern: Int8(key.sharps)), key.isMinor ? 1 : 0])
    case .trackName(let text): append(meta: 0x03, Array(text.utf8))
    case .marker(let text): append(meta: 0x06, Array(text.utf8))
    case .text(let text): append(meta: 0x01, Array(text.utf8))
    }
  }
}
