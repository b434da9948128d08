import CAlsa
import Glibc
import Music
import RealTime

/// A queue of the sequencer: a clock of the kernel's that stamps what arrives, and sends what waits.
public struct SequencerQueue: Hashable, Sendable {
  /// How often a second a queue looks for what is due: what it sends is up to one such period late. The
  /// kernel's own choice is 1,000.
  public static let sendingResolution = 5000
  /// What only stamps events reads the clock for each.
  public static let stampingResolution = 100

  let number: Int32
  /// CLOCK_MONOTONIC at the queue's time 0.
  public fileprivate(set) var zero: Microseconds

  /// When a time of CLOCK_MONOTONIC comes on this queue.
  public func queueTime(of clockTime: Microseconds) -> Microseconds { clockTime - zero }

  /// When a time of this queue is on CLOCK_MONOTONIC.
  public func clockTime(of queueTime: Microseconds) -> Microseconds { zero + queueTime }
}

extension SequencerClient {
  /// Makes a queue and starts it.
  /// - Parameter resolution: how often a second it looks for what is due.
  public func makeQueue(
    name: String, resolution: Int
  ) throws(SequencerError) -> SequencerQueue {
    let functions = library.functions
    let number = try library.check(
      "make a queue", functions.snd_seq_alloc_named_queue(handle, name))
    let timer = library.make { functions.snd_seq_queue_timer_malloc($0) }
    defer { functions.snd_seq_queue_timer_free(timer) }
    try library.check(
      "read the queue's timer", functions.snd_seq_get_queue_timer(handle, Int32(number), timer))
    functions.snd_seq_queue_timer_set_resolution(timer, UInt32(resolution))
    try library.check(
      "set the queue's timer", functions.snd_seq_set_queue_timer(handle, Int32(number), timer))
    try library.check(
      "start the queue",
      functions.snd_seq_control_queue(
        handle, Int32(number), Int32(SND_SEQ_EVENT_START.rawValue), 0, nil))
    try library.check("start the queue", functions.snd_seq_drain_output(handle))
    var queue = SequencerQueue(number: Int32(number), zero: .zero)
    readClock(of: &queue)
    return queue
  }

  /// Finds out when the queue's time 0 was. The two clocks are read one after the other: the try between
  /// whose readings the least time passed tells best.
  ///
  /// Real-time: no allocation, no locks.
  public func readClock(of queue: inout SequencerQueue) {
    let functions = library.functions
    var best = Int64.max
    for _ in 0..<8 {
      let before = MonotonicClock.now
      guard functions.snd_seq_get_queue_status(handle, queue.number, queueStatus) >= 0 else {
        return
      }
      let after = MonotonicClock.now
      let time = Microseconds(functions.snd_seq_queue_status_get_real_time(queueStatus)!.pointee)
      let passed = after.rawValue - before.rawValue
      guard passed < best else { continue }
      best = passed
      queue.zero = Microseconds(before.rawValue + passed / 2) - time
    }
  }
}

/// Sending.
extension SequencerClient {
  /// When something is sent.
  public enum When: Hashable, Sendable {
    case now
    /// At a time of the queue, or at once if that is past. What has the same tag can be revoked together.
    case at(Microseconds, SequencerQueue, tag: UInt8)
  }

  /// Sends an event to those that a port is connected to. False if there is no room for it to wait in: try
  /// again when the descriptor is writable. What is sent now and one of them can't take is lost to him.
  ///
  /// Real-time: no allocation, no locks.
  public func send(
    _ event: SequencerEvent, from port: Int, _ when: When
  ) throws(SequencerError) -> Bool {
    try send(event, from: port, to: nil, when)
  }

  /// Sends an event to one port, connected or not. False if it has no room for it.
  public func send(_ event: SequencerEvent, from port: Int, to destination: Address)
    throws(SequencerError) -> Bool
  {
    try send(event, from: port, to: destination, .now)
  }

  private func send(
    _ event: SequencerEvent, from port: Int, to destination: Address?, _ when: When
  ) throws(SequencerError) -> Bool {
    guard var event = snd_seq_event_t(event) else { return true }
    event.source.port = UInt8(port)
    event.dest =
      destination.map { snd_seq_addr_t($0) }
      ?? snd_seq_addr_t(client: UInt8(SND_SEQ_ADDRESS_SUBSCRIBERS), port: 253)
    switch when {
    case .now: event.queue = UInt8(SND_SEQ_QUEUE_DIRECT)
    case .at(let time, let queue, let tag):
      event.queue = UInt8(queue.number)
      event.flags |= UInt8(SND_SEQ_TIME_STAMP_REAL | SND_SEQ_TIME_MODE_ABS)
      event.time.time = snd_seq_real_time_t(time)
      event.tag = tag
    }
    let result = library.functions.snd_seq_event_output_direct(handle, &event)
    let isToAll = when == .now && destination == nil
    switch result {
    // What waits takes this client's room; what does not was refused by one of those who should have got
    // it, and the others have it.
    case -EAGAIN, -ENOMEM: return isToAll
    // One of them is going.
    case -ENOENT where isToAll: return true
    default:
      try library.check("send to the sequencer", result)
      return true
    }
  }

  /// Takes back what waits in the queue: all of it, or what has a tag.
  public func revoke(_ queue: SequencerQueue, tag: UInt8? = nil) throws(SequencerError) {
    let functions = library.functions
    let removal = library.make { functions.snd_seq_remove_events_malloc($0) }
    defer { functions.snd_seq_remove_events_free(removal) }
    functions.snd_seq_remove_events_set_queue(removal, queue.number)
    functions.snd_seq_remove_events_set_condition(
      removal, UInt32(SND_SEQ_REMOVE_OUTPUT | (tag == nil ? 0 : SND_SEQ_REMOVE_TAG_MATCH)))
    functions.snd_seq_remove_events_set_tag(removal, Int32(tag ?? 0))
    try library.check("revoke what waits", functions.snd_seq_remove_events(handle, removal))
  }
}
