import Music

/// Pairs messages that come back with those that were sent, and takes the times between.
struct Passage: Hashable, Sendable {
  private struct Sent: Hashable {
    var message: ChannelMessage
    var time: Microseconds
  }

  /// The messages that have not come back, in order.
  private var underWay: [Sent] = []
  private(set) var times: [Microseconds] = []

  /// How many messages were sent and did not come back.
  var missing: Int { underWay.count }

  mutating func sent(_ message: ChannelMessage, at time: Microseconds) {
    underWay.append(Sent(message: message, time: time))
  }

  /// A message came. Returns false if it is none of those that were sent.
  @discardableResult
  mutating func came(_ message: ChannelMessage, at time: Microseconds) -> Bool {
    guard let index = underWay.firstIndex(where: { $0.message.isSameKey(as: message) }) else {
      return false
    }
    times.append(time - underWay.remove(at: index).time)
    return true
  }

  /// Forgets the times so far, which belong to the warm-up.
  mutating func begin() {
    times = []
  }
}

extension ChannelMessage {
  /// Whether both messages begin, or both end, a note of the same key.
  fileprivate func isSameKey(as other: ChannelMessage) -> Bool {
    switch (self, other) {
    case (.noteOn(let note), .noteOn(let other)), (.noteOff(let note), .noteOff(let other)):
      note.channel == other.channel && note.pitch == other.pitch
    default: false
    }
  }
}
