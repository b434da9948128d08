import Music

/// What a port may have sounding: notes that were sent to be played, some of them later.
struct SoundingKeys: Sendable {
  /// What is due within that may have been played, or not.
  private static let doubt = Microseconds(3_000)

  private struct Change: Sendable {
    var due: Microseconds
    /// A note-on or a note-off.
    var message: ChannelMessage
    var tag: UInt8
  }

  private var keys = SoundingNotes()
  /// What is not due yet, in order.
  private var waiting: [Change] = []
  /// Channels that were played on, a bit for each.
  private var usedChannels: UInt16 = 0

  /// An event was sent, to be played at a time.
  mutating func sent(_ event: ChannelMessage, due: Microseconds, tag: UInt8) {
    switch event {
    case .noteOn, .noteOff: add(event, due, tag)
    case .control, .program, .bend: break
    }
    usedChannels |= 1 << UInt16(event.channel.rawValue - 1)
  }

  /// What was sent with a tag was taken back at a time. What was due by then may have been played.
  mutating func revoked(tag: UInt8, at now: Microseconds) {
    settle(until: now + Self.doubt)
    waiting.removeAll { $0.tag == tag }
  }

  /// Time has passed.
  mutating func settle(until now: Microseconds) {
    let over = waiting.prefix { $0.due <= now }
    guard !over.isEmpty else { return }
    for change in over { keys.receive(change.message) }
    waiting.removeFirst(over.count)
  }

  /// Everything that waits was taken back at a time: gives what ends all that may sound.
  mutating func silence(at now: Microseconds) -> [ChannelMessage] {
    settle(until: now - Self.doubt)
    // Of what is about to be played, or was just now, the beginnings count and the ends do not.
    for change in waiting where change.due <= now + Self.doubt {
      if case .noteOn(let note) = change.message { keys.insert(note) }
    }
    waiting = []
    var events: [ChannelMessage] = []
    keys.removeAll { events.append(.noteOff($0)) }
    return events + controls
  }

  /// What silences the channels that were played on.
  var controls: [ChannelMessage] { Silence.controls(usedChannels) }

  private mutating func add(_ message: ChannelMessage, _ due: Microseconds, _ tag: UInt8) {
    let place = waiting.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
    waiting.insert(Change(due: due, message: message, tag: tag), at: place)
  }
}

/// What silences an instrument besides the ends of its notes: some heed one, some the other.
enum Silence {
  /// Sustain and sostenuto up; all notes off; all sound off.
  private static let controllers: [UInt8] = [64, 66, 123, 120]

  /// - Parameter channels: a bit for each.
  static func controls(_ channels: UInt16) -> [ChannelMessage] {
    (1...16).filter { channels & 1 << UInt16($0 - 1) != 0 }.flatMap { number in
      controllers.map { .control(channel: Channel(number)!, controller: $0, value: 0) }
    }
  }
}
