import Glibc
import Records
import Synchronization

/// The browsers that watch. Who reads the stream hands them each record, and never waits for any.
final class Audience: Sendable {
  private struct Listener {
    var queue = EventQueue()
    /// It was told that there is something to take, and has not found nothing since.
    var isAwake = true
    let wake: @Sendable () -> Void

    /// What to call, where it sleeps.
    mutating func add(_ events: [UInt8]) -> (@Sendable () -> Void)? {
      queue.add(events)
      guard !isAwake else { return nil }
      isAwake = true
      return wake
    }
  }

  private struct State {
    var snapshot: Snapshot
    var listeners: [Int: Listener] = [:]
    var count = 0
  }

  /// Whether the page can change settings.
  let canSet: Bool
  private let state: Mutex<State>

  init(canSet: Bool, options: ViewOptions) {
    self.canSet = canSet
    state = Mutex(State(snapshot: Snapshot(options: options)))
  }

  /// Takes up a record of the stream.
  func receive(_ record: Record) {
    let wakes = state.withLock { state in
      let look = state.snapshot.look
      state.snapshot.receive(record)
      guard !state.listeners.isEmpty else { return [] as [@Sendable () -> Void] }
      var events = EventText.of(record, naming: state.snapshot.naming)
      if state.snapshot.look != look { events += state.snapshot.lookEvents }
      guard !events.isEmpty else { return [] }
      return state.listeners.keys.compactMap { state.listeners[$0]?.add(events) }
    }
    for wake in wakes { wake() }
  }

  /// Adds a browser, which is to take at once; `wake` says that there is something to take again.
  func join(wake: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.count += 1
      state.listeners[state.count] = Listener(wake: wake)
      return state.count
    }
  }

  func leave(_ listener: Int) {
    state.withLock { _ = $0.listeners.removeValue(forKey: listener) }
  }

  /// What a browser is to be told; nil where it has to wait to be woken.
  func take(_ listener: Int) -> [UInt8]? {
    state.withLock { state in
      let events = state.listeners[listener]?.queue.take {
        state.snapshot.events(canSet: canSet)
      }
      if events == nil { state.listeners[listener]?.isAwake = false }
      return events
    }
  }

  /// Waits a moment for the browsers to take the last that there is.
  func finish() {
    for _ in 0..<30 {
      let isDone = state.withLock { $0.listeners.values.allSatisfy { !$0.isAwake } }
      guard !isDone else { return }
      usleep(10_000)
    }
  }
}
