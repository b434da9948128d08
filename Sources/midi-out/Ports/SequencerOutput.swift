import CommandSupport
import Music
import RealTime
import Sequencer

/// Sends to the sequencer in order. An event that finds no room waits here, and all later ones behind it.
struct SequencerOutput: ~Copyable {
  /// When waiting events are tried again.
  private static let retryPeriod = Microseconds(2_000)
  /// How often the queue's clock is compared with CLOCK_MONOTONIC.
  private static let clockPeriod = Microseconds(1_000_000)

  private struct Waiting {
    var event: SequencerEvent
    var port: Int
    var when: SequencerClient.When
  }

  var client: SequencerClient
  private var queue: SequencerQueue
  private var waiting: [Waiting] = []
  private var nextClock = Microseconds.zero

  static func open(clientName: String) throws(SequencerError) -> SequencerOutput {
    let client = try SequencerClient.open(name: clientName)
    let queue = try client.makeQueue(
      name: clientName, resolution: SequencerQueue.sendingResolution)
    return SequencerOutput(client, queue)
  }

  private init(_ client: consuming SequencerClient, _ queue: SequencerQueue) {
    self.client = client
    self.queue = queue
  }

  /// When waiting events are to be tried again, on CLOCK_MONOTONIC; nil if none waits.
  var nextTry: Microseconds? {
    waiting.isEmpty ? nil : MonotonicClock.now + Self.retryPeriod
  }

  /// Compares the clocks if that is due.
  mutating func followClock() {
    let now = MonotonicClock.now
    guard now >= nextClock else { return }
    client.readClock(of: &queue)
    nextClock = now + Self.clockPeriod
  }

  /// Sends an event at once.
  mutating func send(_ event: SequencerEvent, from port: Int) throws(Failure) {
    try send(event, port, .now)
  }

  /// Lets the sequencer's queue send an event at a time of CLOCK_MONOTONIC. Events with the same tag
  /// can be revoked together.
  mutating func send(
    _ event: SequencerEvent, from port: Int, at clockTime: Microseconds, tag: UInt8
  ) throws(Failure) {
    try send(event, port, .at(queue.queueTime(of: clockTime), queue, tag: tag))
  }

  private mutating func send(
    _ event: SequencerEvent, _ port: Int, _ when: SequencerClient.When
  ) throws(Failure) {
    var isSent = false
    if waiting.isEmpty {
      do throws(SequencerError) {
        isSent = try client.send(event, from: port, when)
      } catch {
        throw .sequencer(error)
      }
    }
    if !isSent { waiting.append(Waiting(event: event, port: port, when: when)) }
  }

  /// Tries again to send the events that wait.
  mutating func retry() throws(Failure) {
    let events = waiting
    waiting = []
    for entry in events { try send(entry.event, entry.port, entry.when) }
  }

  /// Revokes what the queue has not sent yet of events with a tag; nil for all events.
  func revoke(tag: UInt8? = nil) throws(Failure) {
    do throws(SequencerError) {
      try client.revoke(queue, tag: tag)
    } catch {
      throw .sequencer(error)
    }
  }

  /// Drops events with a tag that wait here; nil for all that were not to be sent at once.
  mutating func dropWaiting(tag: UInt8? = nil) {
    waiting.removeAll { entry in
      guard case .at(_, _, let own) = entry.when else { return false }
      return tag == nil || tag == own
    }
  }
}

extension Failure {
  static func sequencer(_ error: SequencerError) -> Failure {
    Failure(error.description, status: .inputOutput)
  }
}
