import CommandSupport
import Music
import RealTime
import Sequencer

/// A client of the sequencer that plays to the tools and receives what they play.
struct Studio: ~Copyable {
  struct Arrival: Hashable, Sendable {
    var message: ChannelMessage
    /// On CLOCK_MONOTONIC.
    var time: Microseconds
  }

  /// How often the queue's clock is compared with CLOCK_MONOTONIC.
  private static let clockPeriod = Microseconds(250_000)
  private static let longestStart = Microseconds(10_000_000)

  private var client: SequencerClient
  /// Stamps the events when they come, so it does not matter when they are read.
  private var queue: SequencerQueue
  private let output: Int
  private let input: Int
  private var nextClock = Microseconds.zero
  private let stop: StopSignal

  static func open(stop: StopSignal) throws(Failure) -> Studio {
    do throws(SequencerError) {
      let client = try SequencerClient.open(name: "jam-latency")
      let queue = try client.makeQueue(
        name: "jam-latency", resolution: SequencerQueue.stampingResolution)
      let output = try client.makePort(name: "to midi-in", .output, isPublic: false)
      let input = try client.makePort(
        name: "from midi-out", .input, isPublic: false, stampedBy: queue)
      return Studio(client, queue, output: output, input: input, stop: stop)
    } catch {
      throw Failure(error.description, status: .unavailable)
    }
  }

  private init(
    _ client: consuming SequencerClient, _ queue: SequencerQueue, output: Int, input: Int,
    stop: StopSignal
  ) {
    self.client = client
    self.queue = queue
    self.output = output
    self.input = input
    self.stop = stop
  }

  /// A name for a port that no other port has.
  func portName(_ use: String) -> String { "jam-latency \(client.number) \(use)" }

  /// Waits for a port of the started tools. Returns nil if this tool has to stop.
  func port(named name: String, of tools: borrowing ToolPipe) throws(Failure) -> Address? {
    let end = MonotonicClock.now + Self.longestStart
    while true {
      if let port = client.ports().first(where: { $0.clientName == name }) { return port.address }
      try tools.check()
      let now = MonotonicClock.now
      guard now < end else { throw .unavailable("find the port \(name)", "it did not come") }
      guard
        MonotonicClock.wait(
          until: now + Microseconds(5_000), stop: stop.fileDescriptor.rawValue) != nil
      else { return nil }
    }
  }

  /// From now on receives what a port of another client plays.
  func connect(from port: Address) throws(Failure) {
    do throws(SequencerError) {
      try client.connect(from: port, to: input)
    } catch {
      throw Failure(error.description, status: .unavailable)
    }
  }

  /// Plays a message to a port at once, and returns the time.
  func play(_ message: ChannelMessage, to port: Address) throws(Failure) -> Microseconds {
    let time = MonotonicClock.now
    do throws(SequencerError) {
      _ = try client.send(.message(message), from: output, to: port)
    } catch {
      throw Failure(error.description, status: .inputOutput)
    }
    return time
  }

  /// Waits until a time, and passes on what arrives meanwhile. Returns false if this tool has to stop.
  mutating func receive(
    until time: Microseconds, _ body: (Arrival) -> Void
  ) throws(Failure) -> Bool {
    while true {
      guard
        let wakeup = MonotonicClock.wait(
          until: min(time, nextClock), stop: stop.fileDescriptor.rawValue,
          others: (client.fileDescriptor, -1))
      else { return false }
      if wakeup.time >= nextClock {
        client.readClock(of: &queue)
        nextClock = wakeup.time + Self.clockPeriod
      }
      try receive(body)
      if wakeup.time >= time { return true }
    }
  }

  /// Passes on all that has arrived. Events that found no room count as missing in the end.
  private mutating func receive(_ body: (Arrival) -> Void) throws(Failure) {
    do throws(SequencerError) {
      while let arrival = try client.receive() {
        guard case .event(let event) = arrival, case .message(let message) = event.event else {
          continue
        }
        body(Arrival(message: message, time: queue.clockTime(of: event.queueTime)))
      }
    } catch {
      throw Failure(error.description, status: .inputOutput)
    }
  }
}
