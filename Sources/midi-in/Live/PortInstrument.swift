import CommandSupport
import Music
import PortChoice
import RealTime
import Records
import Sequencer

/// Ports of the sequencer as an instrument.
///
/// midi-out may play into a port that is recorded, and such a port may send all of it back. The
/// instrument sees what midi-out sends, so that it can tell these echoes from what the person
/// plays.
struct PortInstrument: Instrument, ~Copyable {
  /// How often the queue's clock is compared with CLOCK_MONOTONIC.
  private static let clockPeriod = Microseconds(1_000_000)
  /// By how much messages are held back where there may be echoes. An echo arrives at about the
  /// time when its original is seen.
  private static let echoDelay = Microseconds(1_000)

  private var client: SequencerClient
  private var queue: SequencerQueue
  private let port: Int
  /// The port to which midi-out's ports are connected.
  private let echoPort: Int
  private var connections: PortConnections
  private var performance: PortPerformance
  private var echoes = Echoes()
  /// The ports of midi-out.
  private var midiOutPorts: [Address] = []
  /// Whether one of them plays to a port that is recorded.
  private var mayEcho = false
  /// The events that came and were not recorded yet, in order.
  private var waiting: [ReceivedEvent] = []
  /// When the waiting events are checked next.
  private var nextCheck = Microseconds.zero
  /// For each port that is recorded, the number of this client's port.
  private var own: [Int] = []
  private var hasLost = false
  /// When the clocks are compared next: soon at first, because the first period of a queue's timer
  /// is short.
  private var nextClock = Microseconds(30_000)
  private let report: (String) -> Void

  /// - Parameters:
  ///   - wanted: the ports to record; none for a port of this tool that others connect to.
  ///   - mayWait: whether the ports may come later.
  ///   - report: says something on standard error.
  static func open(
    _ wanted: [PortName], clientName: String, mayWait: Bool, _ performance: PortPerformance,
    report: @escaping (String) -> Void
  ) throws(Failure) -> PortInstrument {
    do throws(SequencerError) {
      let client = try SequencerClient.open(name: clientName)
      let queue = try client.makeQueue(
        name: clientName, resolution: SequencerQueue.stampingResolution)
      let port = try client.makePort(
        name: "midi-in", .input, isPublic: wanted.isEmpty, stampedBy: queue)
      let echoPort = try client.makePort(
        name: "echo", .input, isPublic: false, stampedBy: queue)
      try client.watchPorts()
      var instrument = PortInstrument(
        client, queue, port, echoPort, PortConnections(wanted, .input), performance, report)
      try instrument.connectAll(wanted.count, mayWait: mayWait)
      return instrument
    } catch {
      throw .unavailable(error)
    }
  }

  private init(
    _ client: consuming SequencerClient, _ queue: SequencerQueue, _ port: Int, _ echoPort: Int,
    _ connections: PortConnections, _ performance: PortPerformance,
    _ report: @escaping (String) -> Void
  ) {
    self.client = client
    self.queue = queue
    self.port = port
    self.echoPort = echoPort
    self.connections = connections
    self.performance = performance
    self.report = report
    waiting.reserveCapacity(SequencerClient.poolSize)
  }

  private mutating func connectAll(_ count: Int, mayWait: Bool) throws(SequencerError) {
    own = [Int](repeating: port, count: count)
    _ = try connections.connectAll(client, own: own, mayWait: mayWait)
    watchMidiOut()
    if connections.addresses.count < count { report("waiting for a port") }
  }

  var header: Header { performance.header }
  var readiness: CInt { client.fileDescriptor }
  var hasQuit: Bool { false }

  var nextDeadline: Microseconds? {
    let due = performance.nextDeadline.map { $0 + delay }
    return waiting.isEmpty ? due : min(due ?? nextCheck, nextCheck)
  }

  /// By how much messages are held back at present.
  private var delay: Microseconds { mayEcho ? Self.echoDelay : .zero }

  mutating func play(
    until time: Microseconds, isReadable: Bool, epoch: Epoch, into records: inout RecordBatch
  ) throws(Failure) {
    if time >= nextClock {
      client.readClock(of: &queue)
      nextClock = time + Self.clockPeriod
    }
    try receive(at: time, epoch, into: &records)
    record(until: time - delay, epoch, into: &records)
    // Events that came after that time wait no longer than they must.
    nextCheck = time + delay
    if let advice = performance.takeAdvice() { report(advice) }
  }

  mutating func end(
    at time: Microseconds, reason: String, epoch: Epoch, into records: inout RecordBatch
  ) {
    record(until: time, epoch, into: &records)
    if hasLost {
      performance.overflow(lost: client.lostEvents, at: time, into: &records)
    }
    performance.end(at: time, reason: reason, into: &records)
  }

  /// Receives all that arrived from the sequencer.
  private mutating func receive(
    at time: Microseconds, _ epoch: Epoch, into records: inout RecordBatch
  ) throws(Failure) {
    do throws(SequencerError) {
      while let arrival = try client.receive() {
        switch arrival {
        case .event(let event): route(event, at: time, epoch, into: &records)
        case .overflow(let lost):
          hasLost = true
          record(until: time, epoch, into: &records)
          performance.overflow(lost: lost, at: time, into: &records)
          tell(connections.rescan(client, own: own), at: time, into: &records)
        }
      }
    } catch {
      throw Failure(error.description, status: .inputOutput)
    }
  }

  /// Routes an event by the port that received it: a played event waits to be recorded, an echo is
  /// remembered, and an announcement changes the connections.
  private mutating func route(
    _ event: ReceivedEvent, at time: Microseconds, _ epoch: Epoch, into records: inout RecordBatch
  ) {
    if event.port == port {
      waiting.append(event)
    } else if event.port == echoPort {
      if case .message(let sent) = event.event {
        echoes.sent(sent, at: self.time(of: event, epoch))
      }
    } else {
      switch event.event {
      case .portStarted: watchMidiOut()
      case .connected(_, let to), .disconnected(_, let to):
        if connections.addresses.contains(to) { watchMidiOut() }
      default: break
      }
      tell(connections.receive(event.event, client, own: own), at: time, into: &records)
    }
  }

  /// Records the events up to a time, and the ticks between them.
  private mutating func record(
    until time: Microseconds, _ epoch: Epoch, into records: inout RecordBatch
  ) {
    var count = 0
    for event in waiting {
      let played = self.time(of: event, epoch)
      guard played <= time else { break }
      count += 1
      performance.advance(to: played, into: &records)
      switch event.event {
      case .message where midiOutPorts.contains(event.source): break
      case .message(let message) where mayEcho && isEcho(message, at: played): break
      case .message(let message): performance.receive(message, at: played, into: &records)
      case .clock(let message): performance.receive(message, at: played, into: &records)
      // The notes of a keyboard that was disconnected will get no note-offs.
      case .disconnected: performance.silence(at: played, into: &records)
      default: break
      }
    }
    if count == waiting.count {
      waiting.removeAll(keepingCapacity: true)
    } else {
      waiting.removeFirst(count)
    }
    performance.advance(to: time, into: &records)
  }

  /// A note-off of a key that is down is never taken for an echo: the note would not end.
  private mutating func isEcho(_ message: ChannelMessage, at time: Microseconds) -> Bool {
    !performance.isRelease(message) && echoes.isEcho(message, at: time)
  }

  private func time(of event: ReceivedEvent, _ epoch: Epoch) -> Microseconds {
    max(epoch.streamTime(at: queue.clockTime(of: event.queueTime)), .zero)
  }

  private mutating func tell(
    _ changes: [PortConnections.Change], at time: Microseconds, into records: inout RecordBatch
  ) {
    for change in changes {
      switch change {
      case .connected(_, let port):
        say("connected \(port.fullName)", at: time, into: &records)
      case .lost(_, let port):
        performance.silence(at: time, into: &records)
        say("lost \(port.fullName)", at: time, into: &records)
      }
    }
  }

  private mutating func say(
    _ text: String, at time: Microseconds, into records: inout RecordBatch
  ) {
    performance.mark(text, at: time, into: &records)
    report(text)
  }

  /// Connects all ports of midi-out to the echo port, and finds out whether one plays to a port
  /// that is recorded.
  private mutating func watchMidiOut() {
    midiOutPorts = client.ports().filter(\.isMidiOut).map(\.address)
    for port in midiOutPorts { try? client.connect(from: port, to: echoPort) }
    mayEcho = connections.addresses.contains { source in
      client.senders(to: source).contains { midiOutPorts.contains($0) }
    }
  }
}
