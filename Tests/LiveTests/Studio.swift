import Foundation
import Music
import Records
import Testing

@testable import Sequencer

/// An event that came to a port, and its time.
struct Heard {
  var event: SequencerEvent
  /// CLOCK_MONOTONIC, in microseconds.
  var time: Int64
}

/// A synthesiser that records the events that it receives.
final class Synthesiser {
  private var client: SequencerClient
  private var queue: SequencerQueue
  private let port: Int
  private(set) var heard: [Heard] = []
  private var nextClock: Int64 = 0

  init(_ name: String) throws {
    client = try SequencerClient.open(name: name)
    queue = try client.makeQueue(
      name: name, resolution: SequencerQueue.stampingResolution)
    port = try client.makePort(name: "in", .input, isPublic: true, stampedBy: queue)
  }

  /// Receives the events that have come so far.
  func listen() throws {
    // The clock of a queue may drift against CLOCK_MONOTONIC.
    if LiveMachine.now > nextClock {
      client.readClock(of: &queue)
      nextClock = LiveMachine.now + 500_000
    }
    while let arrival = try client.receive() {
      guard case .event(let received) = arrival else {
        Issue.record("the synthesiser itself lost something")
        return
      }
      let time = queue.clockTime(of: received.queueTime).rawValue
      heard.append(Heard(event: received.event, time: time))
    }
  }

  /// Receives events until a condition holds. Returns false if it does not within some seconds.
  func listen(
    atMost seconds: Double = 20, until isEnough: ([Heard]) -> Bool
  ) throws -> Bool {
    try LiveMachine.wait(atMost: seconds) {
      try listen()
      return isEnough(heard)
    }
  }

  func listen(seconds: Double) throws {
    let end = LiveMachine.now + Int64(seconds * 1_000_000)
    while LiveMachine.now < end {
      usleep(20_000)
      try listen()
    }
  }

  func forget() { heard = [] }

  /// Waits for a port of that name.
  func wait(for name: String) throws {
    let isThere = LiveMachine.wait {
      client.ports().contains { $0.clientName == name || $0.portName == name }
    }
    try #require(isThere, "\(name) did not come")
  }

  /// Waits until a port is connected to it.
  func waitForPlayer() throws {
    let address = Address(client: client.number, port: port)
    try #require(LiveMachine.wait { !client.senders(to: address).isEmpty }, "nobody came to play")
  }

  /// From now on receives what a port of another client plays.
  func connect(from name: String) throws {
    try wait(for: name)
    let source = client.ports().first { $0.clientName == name || $0.portName == name }
    try client.connect(from: try #require(source).address, to: port)
  }

  /// The notes that began and have not ended, as `channel/pitch`.
  var sounding: [String] {
    var sounding: [String: Bool] = [:]
    for event in heard.map(\.event) {
      switch event {
      case .message(.noteOn(let note)): sounding[Self.key(note)] = true
      case .message(.noteOff(let note)): sounding[Self.key(note)] = nil
      default: break
      }
    }
    return sounding.keys.sorted()
  }

  private static func key(_ note: Note) -> String {
    "\(note.channel.rawValue)/\(note.pitch.rawValue)"
  }
}

/// A keyboard that the test plays.
final class PlayedKeyboard {
  private var client: SequencerClient
  private var queue: SequencerQueue
  private let port: Int

  init(_ name: String) throws {
    client = try SequencerClient.open(name: name)
    queue = try client.makeQueue(
      name: name, resolution: SequencerQueue.sendingResolution)
    port = try client.makePort(name: "out", .output, isPublic: true)
  }

  /// Plays an event at a time of CLOCK_MONOTONIC, in microseconds, or now. Waits for room.
  func play(_ event: SequencerEvent, at time: Int64? = nil) throws {
    let when: SequencerClient.When =
      time.map { .at(queue.queueTime(of: Microseconds($0)), queue, tag: 0) } ?? .now
    while !(try client.send(event, from: port, when)) { usleep(1_000) }
  }

  /// Connects it to a port of another client, as aconnect does.
  func connect(to name: String) throws {
    let isThere = LiveMachine.wait(until: {
      if case .one = PortName(name).match(in: client.ports()) { true } else { false }
    })
    guard isThere, case .one(let found) = PortName(name).match(in: client.ports()) else {
      throw SequencerError("connect to \(name)", reason: "it did not come")
    }
    try client.connect(from: port, to: found.address)
  }

  /// The number of ports that receive from it.
  func listeners() -> Int { client.listeners(to: Address(client: client.number, port: port)).count }
}

extension SequencerEvent {
  static func on(_ pitch: Int, channel: Int = 1, velocity: Int = 90) -> SequencerEvent {
    .message(
      .noteOn(
        Note(channel: Channel(channel)!, pitch: Pitch(pitch)!, velocity: Velocity(velocity)!)))
  }

  static func off(_ pitch: Int, channel: Int = 1) -> SequencerEvent {
    .message(
      .noteOff(Note(channel: Channel(channel)!, pitch: Pitch(pitch)!, velocity: Velocity(64)!)))
  }

  /// The note of a note-on on a channel; nil for other events.
  func begun(channel: Int) -> Note? {
    guard case .message(.noteOn(let note)) = self, Int(note.channel.rawValue) == channel else {
      return nil
    }
    return note
  }
}

/// Reads streams.
enum Stream {
  static func records(_ data: Data) throws -> [Record] {
    var reader = RecordReader()
    reader.feed(Array(data))
    reader.finish()
    var records: [Record] = []
    while let line = try reader.next() { records.append(line.record) }
    return records
  }

  static func epoch(_ records: [Record]) -> Int64? {
    guard case .header(let header)? = records.first?.event else { return nil }
    return header.epoch?.rawValue
  }
}
