import CAlsa
import Glibc
import Music
import RealTime

/// A queue of the sequencer: a clock in the kernel that stamps events that arrive, and sends events
/// at their times.
public struct SequencerQueue: Hashable, Sendable {
  /// How often a second a queue that sends looks for events that are due. They are up to one such
  /// period late, here 0.2 ms. The kernel's default is 1,000.
  public static let sendingResolution = 5000
  /// How often a second the timer of a queue that only stamps events runs. The queue reads the
  /// clock for each event, so the timer can be slow.
  public static let stampingResolution = 100

  let number: Int32
  /// CLOCK_MONOTONIC at the queue's time 0.
  public fileprivate(set) var zero: Microseconds

  /// The time of this queue at a time of CLOCK_MONOTONIC.
  public func queueTime(of clockTime: Microseconds) -> Microseconds { clockTime - zero }

  /// The time of CLOCK_MONOTONIC at a time of this queue.
  public func clockTime(of queueTime: Microseconds) -> Microseconds { zero + queueTime }
}

extension SequencerClient {
  /// Makes a queue and starts it.
  /// - Parameter resolution: how often a second it looks for events that are due.
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

  /// Finds out when the queue's time 0 was. It reads the two clocks one after the other several
  /// times, and takes the reading during which the least time passed.
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

// MARK: Sending

extension SequencerClient {
  /// The time at which an event is sent.
  public enum When: Hashable, Sendable {
    case now
    /// At a time of the queue, or at once if that is past. Events with the same tag can be revoked
    /// together.
    case at(Microseconds, SequencerQueue, tag: UInt8)
  }

  /// Sends an event to all ports that a port is connected to. Returns false if there is no room for
  /// it: then try again when the descriptor is writable. An event that is sent now is lost to a
  /// receiver without room.
  ///
  /// Real-time: no allocation, no locks.
  public func send(
    _ event: SequencerEvent, from port: Int, _ when: When
  ) throws(SequencerError) -> Bool {
    try send(event, from: port, to: nil, when)
  }

  /// Sends an event to one port, connected or not. Returns false if that has no room for it.
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
    // An event for the queue found no room in this client's pool. An event to all at once was
    // refused by one receiver, and the others have it.
    case -EAGAIN, -ENOMEM: return isToAll
    // One of the receivers is just going.
    case -ENOENT where isToAll: return true
    default:
      try library.check("send to the sequencer", result)
      return true
    }
  }

  /// Revokes the events that wait in the queue: all of them, or those with a tag.
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
