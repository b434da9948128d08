import Music

/// Recognises echoes: messages that midi-out has just sent to a port and that come back from it.
struct Echoes: Sendable {
  /// A message that comes back later than this is none.
  private static let longest = Microseconds(100_000)
  /// The most messages that are remembered.
  private static let most = 256

  /// The latest last.
  private var sent: [(message: ChannelMessage, time: Microseconds)] = []

  init() {
    sent.reserveCapacity(Self.most)
  }

  /// midi-out sent a message.
  mutating func sent(_ message: ChannelMessage, at time: Microseconds) {
    forget(before: time)
    if sent.count == Self.most { sent.removeFirst() }
    sent.append((message, time))
  }

  /// Whether a message is an echo. Each sent message comes back once.
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
