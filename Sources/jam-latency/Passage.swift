import Music

/// Finds for what comes back when it was sent, in order.
struct Passage: Hashable, Sendable {
  private struct Sent: Hashable {
    var message: ChannelMessage
    var time: Microseconds
  }

  private var underWay: [Sent] = []
  private(set) var times: [Microseconds] = []

  /// What was sent and did not come.
  var missing: Int { underWay.count }

  mutating func sent(_ message: ChannelMessage, at time: Microseconds) {
    underWay.append(Sent(message: message, time: time))
  }

  /// Counts how long it was under way; false for what nobody sent.
  @discardableResult
  mutating func came(_ message: ChannelMessage, at time: Microseconds) -> Bool {
    guard let index = underWay.firstIndex(where: { $0.message.isSameKey(as: message) }) else {
      return false
    }
    times.append(time - underWay.remove(at: index).time)
    return true
  }

  /// Forgets what came so far: that was to warm up.
  mutating func begin() {
    times = []
  }
}

extension ChannelMessage {
  /// Whether both begin, or end, the same note.
  fileprivate func isSameKey(as other: ChannelMessage) -> Bool {
    switch (self, other) {
    case (.noteOn(let note), .noteOn(let other)), (.noteOff(let note), .noteOff(let other)):
      note.channel == other.channel && note.pitch == other.pitch
    default: false
    }
  }
}
