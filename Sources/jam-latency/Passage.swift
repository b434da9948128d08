import Music
import Records

/// Finds for what comes back when it was sent, in order.
struct Passage: Hashable, Sendable {
  private struct Sent: Hashable {
    var event: Event
    var time: Microseconds
  }

  private var underWay: [Sent] = []
  private(set) var times: [Microseconds] = []

  /// What was sent and did not come.
  var missing: Int { underWay.count }

  mutating func sent(_ event: Event, at time: Microseconds) {
    underWay.append(Sent(event: event, time: time))
  }

  /// Counts how long it was under way; false for what nobody sent.
  @discardableResult
  mutating func came(_ event: Event, at time: Microseconds) -> Bool {
    guard let index = underWay.firstIndex(where: { $0.event.isSameKey(as: event) }) else {
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

extension Event {
  /// Whether both begin, or end, the same note.
  fileprivate func isSameKey(as other: Event) -> Bool {
    switch (self, other) {
    case (.noteOn(let note), .noteOn(let other)), (.noteOff(let note), .noteOff(let other)):
      note.channel == other.channel && note.pitch == other.pitch
    default: false
    }
  }
}
