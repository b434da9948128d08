/// What waits for one browser. One that lags too far loses it all, and is brought up to date by a
/// snapshot; so is one that has just come.
struct EventQueue {
  private var waiting: [UInt8] = []
  private var needsSnapshot = true

  /// Half a minute of a lively stream.
  static let limit = 1 << 18

  mutating func add(_ events: [UInt8]) {
    guard !needsSnapshot else { return }
    needsSnapshot = waiting.count + events.count > Self.limit
    if needsSnapshot { waiting = [] } else { waiting += events }
  }

  /// What the browser is to be told now; nil where it knows all.
  mutating func take(snapshot: () -> [UInt8]) -> [UInt8]? {
    if needsSnapshot {
      needsSnapshot = false
      return snapshot()
    }
    defer { waiting = [] }
    return waiting.isEmpty ? nil : waiting
  }
}
