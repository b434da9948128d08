/// The events that wait for one browser, as far as there is room for them. A browser that has just
/// come gets a snapshot instead, and so does one that lags too far behind: then all that waits is
/// dropped.
struct EventQueue {
  enum Next: Hashable {
    case events([UInt8])
    /// A snapshot of the scene after the last record that was added.
    case snapshot
  }

  private var waiting: [UInt8] = []
  private var needsSnapshot = true

  /// The bytes that wait at most: half a minute of a lively stream.
  static let limit = 1 << 18

  var isEmpty: Bool { waiting.isEmpty && !needsSnapshot }

  mutating func add(_ events: [UInt8]) {
    guard !needsSnapshot else { return }
    if waiting.count + events.count > Self.limit { restart() } else { waiting += events }
  }

  /// Drops what waits: the browser gets a snapshot next.
  mutating func restart() {
    waiting = []
    needsSnapshot = true
  }

  /// What the browser gets next; nil where it knows everything.
  mutating func take() -> Next? {
    if needsSnapshot {
      needsSnapshot = false
      return .snapshot
    }
    defer { waiting = [] }
    return waiting.isEmpty ? nil : .events(waiting)
  }
}
