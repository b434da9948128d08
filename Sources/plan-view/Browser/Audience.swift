import Dispatch
import Records
import Synchronization

/// The browsers that watch. The thread that reads the stream hands them each record and never waits
/// for a browser; the server's thread takes what they are sent.
///
/// The lock is held to copy values only: events are made outside it.
final class Audience: Sendable {
  private struct Browser {
    var queue = EventQueue()
    /// Whether the browser has been woken, and has not since found its queue empty.
    var isAwake = true
    let wake: @Sendable () -> Void

    /// Adds events, and gives what has to be called if the browser sleeps. Without events, the
    /// browser has missed a record and needs a snapshot.
    mutating func add(_ events: [UInt8]?) -> (@Sendable () -> Void)? {
      if let events { queue.add(events) } else { queue.restart() }
      guard !isAwake, !queue.isEmpty else { return nil }
      isAwake = true
      return wake
    }
  }

  private struct Shared {
    /// What browsers see after the last record.
    var scene: Scene
    var browsers: [Int: Browser] = [:]
    /// How many browsers have joined so far.
    var count = 0
    /// Whether `finish` waits for the browsers.
    var isFinishing = false

    /// Whether each browser has taken all of its events.
    var hasSentAll: Bool { browsers.values.allSatisfy { !$0.isAwake } }
  }

  /// Whether the page can change settings.
  let canSet: Bool
  private let shared: Mutex<Shared>
  /// Signalled while `finish` waits, once the browsers have taken all events.
  private let allSent = DispatchSemaphore(value: 0)

  init(canSet: Bool, options: ViewOptions) {
    self.canSet = canSet
    shared = Mutex(Shared(scene: Scene(options: options)))
  }

  /// Tells the browsers of a record; `state` is the session's state after it. One thread calls
  /// this, in the order of the stream.
  func receive(_ record: Record, _ state: SessionState) {
    let (before, isWatched) = shared.withLock { ($0.scene, !$0.browsers.isEmpty) }
    let scene = Scene(state: state, options: before.options.receiving(record))
    let events = isWatched ? PageEvents.changes(by: record, from: before, to: scene) : nil
    let wakes = shared.withLock { shared in
      shared.scene = scene
      // A browser that joined meanwhile, when nobody watched, may have taken a snapshot of the
      // scene before. No events were made for it, so it gets another one.
      return shared.browsers.keys.compactMap { shared.browsers[$0]?.add(events) }
    }
    for wake in wakes { wake() }
  }

  /// Adds a browser, whose first `take` has to follow at once. Afterwards `wake` tells it to take
  /// again.
  func join(wake: @escaping @Sendable () -> Void) -> Int {
    shared.withLock { shared in
      shared.count += 1
      shared.browsers[shared.count] = Browser(wake: wake)
      return shared.count
    }
  }

  func leave(_ browser: Int) {
    shared.withLock { shared in
      shared.browsers[browser] = nil
      signalIfAllSent(shared)
    }
  }

  /// The events for a browser; nil where it has to wait until it is woken. The server's thread
  /// calls it.
  func take(_ browser: Int) -> [UInt8]? {
    let next = shared.withLock { shared -> (EventQueue.Next, Scene)? in
      guard let next = shared.browsers[browser]?.queue.take() else {
        shared.browsers[browser]?.isAwake = false
        signalIfAllSent(shared)
        return nil
      }
      return (next, shared.scene)
    }
    switch next {
    case (.events(let events), _)?: return events
    case (.snapshot, let scene)?: return PageEvents.snapshot(of: scene, canSet: canSet)
    case nil: return nil
    }
  }

  /// Waits until the browsers have taken the last events, or until the deadline.
  func finish(by deadline: DispatchTime = .now() + .milliseconds(300)) {
    let mustWait = shared.withLock { shared in
      shared.isFinishing = true
      return !shared.hasSentAll
    }
    if mustWait { _ = allSent.wait(timeout: deadline) }
  }

  private func signalIfAllSent(_ shared: borrowing Shared) {
    if shared.isFinishing, shared.hasSentAll { allSent.signal() }
  }
}
