import CommandSupport
import MidiFile
import Music
import PortChoice
import RealTime
import Sequencer

/// Plays to ports of the sequencer. Committed notes wait in the sequencer's queue, which sends them
/// on time; notes that are due already are sent at once.
final class PortSink: Sink {
  /// The tag of clock messages, which `Schedule` never uses.
  private static let clockTag = UInt8.max
  /// Notes that were due longer ago than this have certainly been sent.
  private static let settlingTime = Microseconds(10_000)

  /// This tool's port for one of the ports that are played to.
  private struct Port {
    let number: Int
    /// How much later than its time each event is sent; negative for earlier.
    let offset: Microseconds
    var notes = SentNotes()
    /// The latest program and volume of each channel, for a port that comes again.
    var settings: [ChannelMessage] = []
    var wasLost = false
  }

  struct Counts: Hashable, Sendable {
    /// Notes of chords, bass and metronome that were sent to the first port.
    var notes = 0
    /// How many of them were sent after they were due.
    var late = 0
    /// How late the latest of them was.
    var latest = Microseconds.zero
    var reconnections = 0
  }

  let name: String
  private var output: SequencerOutput
  private var ports: [Port]
  private var connections: PortConnections
  private var schedule = Schedule()
  /// The stream's time 0 on CLOCK_MONOTONIC.
  private var zero = Microseconds.zero
  private(set) var counts = Counts()
  private let report: (String) -> Void

  /// - Parameters:
  ///   - wanted: the ports to play to; none for a port of this tool that others connect to.
  ///   - offsets: for each port, how much later than its time an event is sent; negative for
  ///     earlier.
  ///   - mayWait: whether the ports may come later.
  init(
    _ wanted: [PortName], offsets: [Microseconds], clientName: String, mayWait: Bool,
    report: @escaping (String) -> Void
  ) throws(Failure) {
    self.report = report
    name = wanted.isEmpty ? clientName : wanted.map(\.description).joined(separator: ", ")
    do throws(SequencerError) {
      output = try SequencerOutput.open(clientName: clientName)
      ports = []
      for offset in offsets {
        let number = try output.client.makePort(
          name: PortInfo.midiOutPortName, .output, isPublic: true)
        ports.append(Port(number: number, offset: offset))
      }
      try output.client.watchPorts()
      connections = PortConnections(wanted, .output)
      // Before anything can sound.
      GuardLauncher.start(
        client: output.client.number, ports: ports.map(\.number), report: report)
      _ = try connections.connectAll(output.client, own: ports.map(\.number), mayWait: mayWait)
    } catch {
      throw .unavailable(error)
    }
    if connections.addresses.count < wanted.count { report("waiting for a port") }
  }

  /// Readable when a port came or went.
  var readiness: CInt { output.client.fileDescriptor }

  /// When events that found no room are to be tried again, on CLOCK_MONOTONIC.
  var nextTry: Microseconds? { output.nextTry }

  /// How many notes were revoked before they sounded.
  var revocations: Int { schedule.revocations }

  func follow(zero: Microseconds) {
    self.zero = zero
    output.followClock()
  }

  func begin(at start: PlaybackStart) throws(Failure) {}

  func play(_ cue: Cue) throws(Failure) {
    guard let action = schedule.play(cue) else { return }
    try perform(action)
  }

  func preview(_ cues: [Cue], after frame: Frame) throws(Failure) {
    for action in schedule.forget(before: Double(frame.rawValue)) { try perform(action) }
    let now = MonotonicClock.now
    let earliest = ports.map(\.offset).min() ?? .zero
    let audible = cues.filter { $0.part != .conductor }
    for action in schedule.preview(audible, at: now - zero - min(earliest, .zero)) {
      try perform(action)
    }
    for index in ports.indices { ports[index].notes.settle(until: now - Self.settlingTime) }
  }

  func advance(to time: Microseconds) throws(Failure) {}

  func finish() throws(Failure) {
    try silence()
  }

  /// Sends a clock message at its time of the stream.
  func send(_ pulse: ClockPart.Pulse) throws(Failure) {
    if pulse.message == .stop {
      // No pulse follows a stop.
      try output.revoke(tag: Self.clockTag)
      for port in ports { try output.send(.clock(.stop), from: port.number) }
      return
    }
    for port in ports {
      try output.send(
        .clock(pulse.message), from: port.number, at: zero + pulse.time + port.offset,
        tag: Self.clockTag)
    }
  }

  /// Passes on at once what the person plays.
  func pass(_ message: ChannelMessage, at time: Microseconds) throws(Failure) {
    for index in ports.indices { try send(message, due: zero + time, index, tag: 0) }
  }

  /// Handles the sequencer's announcements, and sends again the events that it had no room for.
  func receive() throws(Failure) {
    do throws(SequencerError) {
      while let arrival = try output.client.receive() {
        let own = ports.map(\.number)
        switch arrival {
        case .event(let event):
          if case .disconnected(let from, let to) = event.event, from.client == output.client.number
          {
            silence(to, disconnectedFrom: from)
          }
          tell(connections.receive(event.event, output.client, own: own))
        case .overflow: tell(connections.rescan(output.client, own: own))
        }
      }
    } catch {
      throw .sequencer(error)
    }
    try output.retry()
  }

  private func tell(_ changes: [PortConnections.Change]) {
    for change in changes {
      switch change {
      case .connected(let index, let port):
        if ports[index].wasLost { counts.reconnections += 1 }
        ports[index].wasLost = false
        report("connected \(port.fullName)")
        // Notes may have sounded when the port went.
        for message in ports[index].notes.controls + ports[index].settings {
          try? output.send(.message(message), from: ports[index].number)
        }
      case .lost(let index, let port):
        ports[index].wasLost = true
        report("lost \(port.fullName)")
      }
    }
  }
}

// MARK: Notes

extension PortSink {
  private func perform(_ action: Schedule.Action) throws(Failure) {
    switch action {
    case .revoke(let tag):
      try output.revoke(tag: tag)
      output.dropWaiting(tag: tag)
      let now = MonotonicClock.now
      for index in ports.indices { ports[index].notes.revoked(tag: tag, at: now) }
    case .send(let cue, let tag):
      guard cue.part != .conductor, case .message(let message) = cue.event else { return }
      for index in ports.indices { try send(message, due: zero + cue.time, index, tag: tag) }
      if cue.part != .melody { count(message, due: zero + cue.time + ports[0].offset) }
    }
  }

  private func count(_ message: ChannelMessage, due: Microseconds) {
    guard case .noteOn = message else { return }
    let lateness = MonotonicClock.now - due
    counts.notes += 1
    if lateness > .zero { counts.late += 1 }
    counts.latest = max(counts.latest, lateness)
  }

  private func send(
    _ message: ChannelMessage, due: Microseconds, _ index: Int, tag: UInt8
  ) throws(Failure) {
    let due = due + ports[index].offset
    try output.send(.message(message), from: ports[index].number, at: due, tag: tag)
    ports[index].notes.sent(message, due: due, tag: tag)
    switch message {
    case .program, .control(_, controller: 7, _):
      ports[index].settings.removeAll { $0.parameter == message.parameter }
      ports[index].settings.append(message)
    default: break
    }
  }

  /// Ends all notes, and revokes those that wait.
  func silence() throws(Failure) {
    schedule.removeAll()
    output.dropWaiting()
    var failure: Failure?
    func trying(_ body: () throws(Failure) -> Void) {
      do throws(Failure) { try body() } catch { failure = failure ?? error }
    }
    trying { () throws(Failure) in try output.revoke() }
    let now = MonotonicClock.now
    for index in ports.indices {
      for message in ports[index].notes.silence(at: now) {
        trying { () throws(Failure) in
          try output.send(.message(message), from: ports[index].number)
        }
      }
    }
    if let failure { throw failure }
  }

  /// Ends the notes at a port that another program disconnected.
  private func silence(_ destination: Address, disconnectedFrom source: Address) {
    guard let port = ports.first(where: { $0.number == source.port }) else { return }
    var notes = port.notes
    for message in notes.silence(at: MonotonicClock.now) {
      _ = try? output.client.send(.message(message), from: port.number, to: destination)
    }
  }

  /// Ends all notes on all channels, also those that this tool did not play.
  func panic() throws(Failure) {
    try silence()
    for port in ports {
      for message in Silence.controls(.max) {
        try output.send(.message(message), from: port.number)
      }
    }
  }
}
