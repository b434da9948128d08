import CommandSupport
import Music
import PortChoice
import RealTime
import Records
import Sequencer

/// Ports of the sequencer as an instrument.
struct PortInstrument: Instrument, ~Copyable {
  /// The two clocks are compared so often.
  private static let clockPeriod = Microseconds(1_000_000)
  /// What midi-out plays into a port comes back at about the time when it is seen to be sent.
  private static let echoDelay = Microseconds(1_000)

  private var client: SequencerClient
  private var queue: SequencerQueue
  private let port: Int
  /// Where what midi-out sends is seen.
  private let echoPort: Int
  private var connections: PortConnections
  private var performance: PortPerformance
  private var echoes = Echoes()
  /// The ports of midi-out.
  private var players: [Address] = []
  /// Whether one of them plays to a port that is played on. What is played is taken up a little later then, when it
  /// is known to be no echo.
  private var mayEcho = false
  /// What was played and not taken up yet, in order.
  private var waiting: [ReceivedEvent] = []
  /// When what waits is looked at again.
  private var lookAgain = Microseconds.zero
  /// This client's port for each of those that are played on.
  private var own: [Int] = []
  private var hasLost = false
  /// A queue that has just begun is off by what its timer's first period lacks: soon, then, once more.
  private var nextClock = Microseconds(30_000)
  private let report: (String) -> Void

  /// - Parameters:
  ///   - wanted: the ports to be played on; none for a port of its own that others connect to.
  ///   - mayWait: whether they may come later.
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
    watchPlayers()
    if connections.addresses.count < count { report("waiting for a port") }
  }

  var header: Header { performance.header }
  var readiness: CInt { client.fileDescriptor }
  var hasQuit: Bool { false }

  var nextDeadline: Microseconds? {
    let due = performance.nextDeadline.map { $0 + delay }
    return waiting.isEmpty ? due : min(due ?? lookAgain, lookAgain)
  }

  /// How much later what is played is taken up.
  private var delay: Microseconds { mayEcho ? Self.echoDelay : .zero }

  mutating func play(
    until time: Microseconds, isReadable: Bool, epoch: Epoch, into records: inout RecordBatch
  ) throws(Failure) {
    if time >= nextClock {
      client.readClock(of: &queue)
      nextClock = time + Self.clockPeriod
    }
    try receive(at: time, epoch, into: &records)
    takeUp(until: time - delay, epoch, into: &records)
    // What came after that time waits no longer than it must.
    lookAgain = time + delay
    if let advice = performance.takeAdvice() { report(advice) }
  }

  mutating func end(
    at time: Microseconds, reason: String, epoch: Epoch, into records: inout RecordBatch
  ) {
    takeUp(until: time, epoch, into: &records)
    if hasLost {
      performance.overflow(lost: client.lostEvents, at: time, into: &records)
    }
    performance.end(at: time, reason: reason, into: &records)
  }

  /// Takes all that arrived from the sequencer.
  private mutating func receive(
    at time: Microseconds, _ epoch: Epoch, into records: inout RecordBatch
  ) throws(Failure) {
    do throws(SequencerError) {
      while let arrival = try client.receive() {
        switch arrival {
        case .event(let event): sort(event, at: time, epoch, into: &records)
        case .overflow(let lost):
          hasLost = true
          takeUp(until: time, epoch, into: &records)
          performance.overflow(lost: lost, at: time, into: &records)
          tell(connections.lookAgain(client, own: own), at: time, into: &records)
        }
      }
    } catch {
      throw Failure(error.description, status: .inputOutput)
    }
  }

  private mutating func sort(
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
      case .portStarted: watchPlayers()
      case .connected(_, let to), .disconnected(_, let to):
        if connections.addresses.contains(to) { watchPlayers() }
      default: break
      }
      tell(connections.receive(event.event, client, own: own), at: time, into: &records)
    }
  }

  /// Takes up what was played until a time, and ticks between.
  private mutating func takeUp(
    until time: Microseconds, _ epoch: Epoch, into records: inout RecordBatch
  ) {
    var count = 0
    for event in waiting {
      let played = self.time(of: event, epoch)
      guard played <= time else { break }
      count += 1
      performance.advance(to: played, into: &records)
      switch event.event {
      case .message where players.contains(event.source): break
      case .message(let event) where mayEcho && isEcho(event, at: played): break
      case .message(let event): performance.receive(event, at: played, into: &records)
      case .clock(let message): performance.receive(message, at: played, into: &records)
      // Who played on the port does so no more: nobody else ends what he began.
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

  /// What midi-out passes on comes back from some ports only: a key that is down must not stay so.
  private mutating func isEcho(_ event: ChannelMessage, at time: Microseconds) -> Bool {
    !performance.isRelease(event) && echoes.isEcho(event, at: time)
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

  /// Sees all that any midi-out sends, whomever it plays to so far; and finds out whether it plays to a
  /// port that is played on.
  private mutating func watchPlayers() {
    players = client.ports().filter(\.isMidiOut).map(\.address)
    for player in players { try? client.connect(from: player, to: echoPort) }
    mayEcho = connections.addresses.contains { source in
      client.senders(to: source).contains { players.contains($0) }
    }
  }
}
