import CommandSupport
import MidiFile
import Music
import PortChoice
import RealTime
import Sequencer

/// Plays to ports of the sequencer. What is promised waits in the sequencer's queue, which sends it on
/// time; what comes late is sent at once.
final class PortSink: Sink {
  private static let firstTry = Microseconds(2_000)
  /// Of what the clock sends ahead; see `Schedule.nextTag()`.
  private static let clockTag = UInt8.max

  /// A port of its own for each that is played to.
  private struct Port {
    let number: Int
    /// What is sent is sent so much earlier, or later.
    let offset: Microseconds
    var keys = SoundingKeys()
    /// The latest program and volume of each channel, for one that comes again.
    var settings: [ChannelMessage] = []
    var wasLost = false
  }

  /// What happened.
  struct Counts: Hashable, Sendable {
    /// Notes of chords, bass and metronome that were sent to the first port.
    var notes = 0
    /// Those of them that were sent after they were due, and by how much at most.
    var late = 0
    var latest = Microseconds.zero
    var reconnections = 0
  }

  let name: String
  private var client: SequencerClient
  private var queue: SequencerQueue
  private var ports: [Port]
  private var connections: PortConnections
  private var schedule = Schedule()
  /// The stream's time 0 on CLOCK_MONOTONIC.
  private var zero = Microseconds.zero
  /// What the sequencer had no room for, in order.
  private var backlog: [(event: SequencerEvent, port: Int, when: SequencerClient.When)] = []
  private var nextClock = Microseconds.zero
  private(set) var counts = Counts()
  private let report: (String) -> Void

  /// - Parameters:
  ///   - wanted: the ports to play to; none for a port of its own that others connect to.
  ///   - offsets: how much earlier, or later, each is sent to.
  ///   - mayWait: whether they may come later.
  init(
    _ wanted: [PortName], offsets: [Microseconds], clientName: String, mayWait: Bool,
    report: @escaping (String) -> Void
  ) throws(Failure) {
    self.report = report
    name = wanted.isEmpty ? clientName : wanted.map(\.description).joined(separator: ", ")
    do throws(SequencerError) {
      client = try SequencerClient.open(name: clientName)
      queue = try client.makeQueue(
        name: clientName, resolution: SequencerQueue.sendingResolution)
      ports = []
      for offset in offsets {
        let number = try client.makePort(
          name: PortInfo.midiOutPortName, .output, isPublic: true)
        ports.append(Port(number: number, offset: offset))
      }
      try client.watchPorts()
      connections = PortConnections(wanted, .output)
      // Before anything can sound.
      Guardian.start(client: client.number, ports: ports.map(\.number), report: report)
      _ = try connections.connectAll(client, own: ports.map(\.number), mayWait: mayWait)
    } catch {
      throw .unavailable(error)
    }
    if connections.addresses.count < wanted.count { report("waiting for a port") }
  }

  /// Readable when a port came or went.
  var readiness: CInt { client.fileDescriptor }

  /// When what found no room is tried again, on CLOCK_MONOTONIC.
  var nextTry: Microseconds? {
    backlog.isEmpty ? nil : MonotonicClock.now + Self.firstTry
  }

  /// Notes that were taken back before they sounded.
  var revocations: Int { schedule.revocations }

  func follow(zero: Microseconds) {
    self.zero = zero
    let now = MonotonicClock.now
    guard now >= nextClock else { return }
    client.readClock(of: &queue)
    nextClock = now + Microseconds(1_000_000)
  }

  func begin(at start: Start) throws(Failure) {}

  func play(_ cue: Cue) throws(Failure) {
    guard let action = schedule.play(cue) else { return }
    try act(action)
  }

  func foresee(_ cues: [Cue], after frame: Frame) throws(Failure) {
    for action in schedule.forget(before: Double(frame.rawValue)) { try act(action) }
    let now = MonotonicClock.now
    let earliest = ports.map(\.offset).min() ?? .zero
    for action in schedule.foresee(
      cues.filter { $0.part != .conductor }, at: now - zero - min(earliest, .zero))
    {
      try act(action)
    }
    for index in ports.indices { ports[index].keys.settle(until: now - Microseconds(10_000)) }
  }

  func advance(to time: Microseconds) throws(Failure) {}

  func finish() throws(Failure) {
    try silence()
  }

  /// Ends all that sounds, and takes back what waits.
  func silence() throws(Failure) {
    schedule.removeAll()
    backlog.removeAll { _, _, when in when != .now }
    var failure: Failure?
    func trying(_ body: () throws(Failure) -> Void) {
      do throws(Failure) { try body() } catch { failure = failure ?? error }
    }
    trying { () throws(Failure) in
      try asking { sink throws(SequencerError) in try sink.client.revoke(sink.queue) }
    }
    let now = MonotonicClock.now
    for index in ports.indices {
      for event in ports[index].keys.silence(at: now) {
        trying { () throws(Failure) in try send(.message(event), ports[index].number, .now) }
      }
    }
    if let failure { throw failure }
  }

  /// Ends what sounds at a port that somebody took away from this tool.
  private func silence(_ destination: Address, cutOffFrom source: Address) {
    guard let port = ports.first(where: { $0.number == source.port }) else { return }
    var keys = port.keys
    for event in keys.silence(at: MonotonicClock.now) {
      _ = try? client.send(.message(event), from: port.number, to: destination)
    }
  }

  /// All notes off on all channels, whatever this tool knows of them.
  func panic() throws(Failure) {
    try silence()
    for port in ports {
      for event in Silence.controls(.max) { try send(.message(event), port.number, .now) }
    }
  }

  /// Sends a message of the clock at a time of the stream.
  func send(_ pulse: ClockPart.Pulse) throws(Failure) {
    if pulse.message == .stop {
      // No pulse follows it.
      try asking { sink throws(SequencerError) in
        try sink.client.revoke(sink.queue, tag: Self.clockTag)
      }
      for port in ports { try send(.clock(.stop), port.number, .now) }
      return
    }
    for port in ports {
      let due = queue.queueTime(of: zero + pulse.time + port.offset)
      try send(
        .clock(pulse.message), port.number, .at(due, queue, tag: Self.clockTag))
    }
  }

  /// Passes on what the person plays, at once.
  func pass(_ event: ChannelMessage, at time: Microseconds) throws(Failure) {
    for index in ports.indices { try send(event, due: zero + time, index, tag: 0) }
  }

  /// Takes up what the sequencer announces, and tries again what it had no room for.
  func attend() throws(Failure) {
    do throws(SequencerError) {
      while let arrival = try client.receive() {
        let own = ports.map(\.number)
        switch arrival {
        case .event(let event):
          if case .disconnected(let from, let to) = event.event, from.client == client.number {
            silence(to, cutOffFrom: from)
          }
          tell(connections.receive(event.event, client, own: own))
        case .overflow: tell(connections.lookAgain(client, own: own))
        }
      }
    } catch {
      throw Failure(error.description, status: .inputOutput)
    }
    let waiting = backlog
    backlog = []
    for (event, port, when) in waiting { try send(event, port, when) }
  }

  private func tell(_ changes: [PortConnections.Change]) {
    for change in changes {
      switch change {
      case .connected(let index, let port):
        if ports[index].wasLost { counts.reconnections += 1 }
        ports[index].wasLost = false
        report("connected \(port.fullName)")
        // What it was told last may have been a note.
        for event in ports[index].keys.controls + ports[index].settings {
          try? send(.message(event), ports[index].number, .now)
        }
      case .lost(let index, let port):
        ports[index].wasLost = true
        report("lost \(port.fullName)")
      }
    }
  }

  private func act(_ action: Schedule.Action) throws(Failure) {
    switch action {
    case .revoke(let tag):
      try asking { sink throws(SequencerError) in try sink.client.revoke(sink.queue, tag: tag) }
      backlog.removeAll { _, _, when in
        if case .at(_, _, tag) = when { true } else { false }
      }
      let now = MonotonicClock.now
      for index in ports.indices { ports[index].keys.revoked(tag: tag, at: now) }
    case .send(let cue, let tag):
      guard cue.part != .conductor, case .message(let event) = cue.event else { return }
      for index in ports.indices { try send(event, due: zero + cue.time, index, tag: tag) }
      if cue.part != .melody { count(event, due: zero + cue.time + ports[0].offset) }
    }
  }

  private func count(_ event: ChannelMessage, due: Microseconds) {
    guard case .noteOn = event else { return }
    let lateness = MonotonicClock.now - due
    counts.notes += 1
    if lateness > .zero { counts.late += 1 }
    counts.latest = max(counts.latest, lateness)
  }

  private func send(
    _ event: ChannelMessage, due: Microseconds, _ index: Int, tag: UInt8
  ) throws(Failure) {
    let due = due + ports[index].offset
    try send(
      .message(event), ports[index].number, .at(queue.queueTime(of: due), queue, tag: tag))
    ports[index].keys.sent(event, due: due, tag: tag)
    switch event {
    case .program, .control(_, controller: 7, _):
      ports[index].settings.removeAll { $0.parameter == event.parameter }
      ports[index].settings.append(event)
    default: break
    }
  }

  private func send(
    _ event: SequencerEvent, _ port: Int, _ when: SequencerClient.When
  ) throws(Failure) {
    // Nothing overtakes what waits for room.
    var isSent = false
    if backlog.isEmpty {
      try asking { sink throws(SequencerError) in
        isSent = try sink.client.send(event, from: port, when)
      }
    }
    if !isSent { backlog.append((event, port, when)) }
  }

  private func asking(
    _ body: (PortSink) throws(SequencerError) -> Void
  ) throws(Failure) {
    do throws(SequencerError) {
      try body(self)
    } catch {
      throw Failure(error.description, status: .inputOutput)
    }
  }
}
