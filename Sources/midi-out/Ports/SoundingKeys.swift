import Music
import Sequencer

/// What a port may have sounding: notes that were sent to be played, some of them later.
struct SoundingKeys: Sendable {
  /// What is due within that may have been played, or not.
  private static let doubt = Microseconds(3_000)

  private struct Change: Sendable {
    var due: Microseconds
    var channel: Channel
    var pitch: Pitch
    var isOn: Bool
    var tag: UInt8
  }

  private var keys = KeySet()
  /// What is not due yet, in order.
  private var waiting: [Change] = []
  /// Channels that were played on, a bit for each.
  private var usedChannels: UInt16 = 0

  /// An event was sent, to be played at a time.
  mutating func sent(_ event: ChannelMessage, due: Microseconds, tag: UInt8) {
    switch event {
    case .noteOn(let note): add(note, due, isOn: true, tag)
    case .noteOff(let note): add(note, due, isOn: false, tag)
    default: break
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
    for change in over {
      if change.isOn {
        keys.insert(change.channel, change.pitch)
      } else {
        keys.remove(change.channel, change.pitch)
      }
    }
    waiting.removeFirst(over.count)
  }

  /// Everything that waits was taken back at a time: gives what ends all that may sound.
  mutating func silence(at now: Microseconds) -> [ChannelMessage] {
    settle(until: now - Self.doubt)
    // Of what is about to be played, or was just now, the beginnings count and the ends do not.
    for change in waiting where change.isOn && change.due <= now + Self.doubt {
      keys.insert(change.channel, change.pitch)
    }
    waiting = []
    var events: [ChannelMessage] = []
    keys.removeAll { channel, pitch in
      events.append(
        .noteOff(Note(channel: channel, pitch: pitch, velocity: Velocity(64)!)))
    }
    return events + controls
  }

  /// What silences the channels that were played on.
  var controls: [ChannelMessage] { Silence.controls(usedChannels) }

  private mutating func add(
    _ note: Note, _ due: Microseconds, isOn: Bool, _ tag: UInt8
  ) {
    let place = waiting.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
    waiting.insert(
      Change(due: due, channel: note.channel, pitch: note.pitch, isOn: isOn, tag: tag), at: place)
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
