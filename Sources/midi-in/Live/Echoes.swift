import Music

/// Knows what midi-out played into a port just now: what comes back from there is no playing.
struct Echoes: Sendable {
  /// What comes back later was played.
  private static let longest = Microseconds(100_000)
  private static let most = 256

  /// The latest last.
  private var sent: [(message: ChannelMessage, time: Microseconds)] = []

  init() {
    sent.reserveCapacity(Self.most)
  }

  mutating func sent(_ message: ChannelMessage, at time: Microseconds) {
    forget(before: time)
    if sent.count == Self.most { sent.removeFirst() }
    sent.append((message, time))
  }

  /// Whether a message is one that was sent; each comes back once.
  mutating func isEcho(_ message: ChannelMessage, at time: Microseconds) -> Bool {
    forget(before: time)
    guard let index = sent.firstIndex(where: { $0.message == message }) else { return false }
    sent.remove(at: index)
    return true
  }

  private mutating func forget(before time: Microseconds) {
    let over = sent.prefix { time - $0.time > Self.longest }.count
    if over > 0 { sent.removeFirst(over) }
  }
}
