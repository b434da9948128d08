import Music

/// The notes that were sent to a port, some of them to be played later, and which of them may
/// sound.
struct SentNotes: Sendable {
  /// The sequencer may be this early or late. So if an event is due within this time of now, it is
  /// not known whether it was played.
  private static let dueTolerance = Microseconds(3_000)

  private struct Change: Sendable {
    var due: Microseconds
    /// A note-on or a note-off.
    var message: ChannelMessage
    var tag: UInt8
  }

  private var sounding = SoundingNotes()
  /// The note-ons and note-offs that are not due yet, in order.
  private var waiting: [Change] = []
  /// Channels that were played on, a bit for each.
  private var usedChannels: UInt16 = 0

  /// A message was sent, to be played at a time.
  mutating func sent(_ message: ChannelMessage, due: Microseconds, tag: UInt8) {
    switch message {
    case .noteOn, .noteOff:
      let place = waiting.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
      waiting.insert(Change(due: due, message: message, tag: tag), at: place)
    case .control, .program, .bend: break
    }
    usedChannels |= 1 << UInt16(message.channel.rawValue - 1)
  }

  /// The messages with a tag were revoked at a time. Those that were due by then may have been
  /// played.
  mutating func revoked(tag: UInt8, at now: Microseconds) {
    settle(until: now + Self.dueTolerance)
    waiting.removeAll { $0.tag == tag }
  }

  /// Takes as played what was due by a time.
  mutating func settle(until now: Microseconds) {
    let over = waiting.prefix { $0.due <= now }
    guard !over.isEmpty else { return }
    for change in over { sounding.receive(change.message) }
    waiting.removeFirst(over.count)
  }

  /// Everything that waits was revoked at a time: returns the messages that end all notes that may
  /// sound.
  mutating func silence(at now: Microseconds) -> [ChannelMessage] {
    settle(until: now - Self.dueTolerance)
    // Where it is not known, a note-on counts as played, and a note-off does not.
    for change in waiting where change.due <= now + Self.dueTolerance {
      if case .noteOn(let note) = change.message { sounding.insert(note) }
    }
    waiting = []
    var messages: [ChannelMessage] = []
    sounding.removeAll { messages.append(.noteOff($0)) }
    return messages + controls
  }

  /// The controllers that silence the channels that were played on.
  var controls: [ChannelMessage] { Silence.controls(usedChannels) }
}

/// The controllers that silence an instrument. Instruments differ in which of them they obey.
enum Silence {
  /// Sustain and sostenuto up, all notes off, all sound off.
  private static let controllers: [UInt8] = [64, 66, 123, 120]

  /// - Parameter channels: a bit for each.
  static func controls(_ channels: UInt16) -> [ChannelMessage] {
    (1...16).filter { channels & 1 << UInt16($0 - 1) != 0 }.flatMap { number in
      controllers.map { .control(channel: Channel(number)!, controller: $0, value: 0) }
    }
  }
}
