import Glibc
import Music
import RealTime
import Sequencer
import SystemPackage

/// The guard: ends the notes of another client when that client is gone.
///
/// It is connected to the client's ports and receives all that they send, when it is sent, so it
/// knows which notes sound. The sequencer announces when the client is gone.
struct GuardProcess: ~Copyable {
  private var client: SequencerClient
  private let guardedClient: Int
  private let port: Int
  /// For each port of the guarded client.
  private var ports: [Int: GuardedPort] = [:]

  private struct GuardedPort {
    var sounding = SoundingNotes()
    /// Channels that were played on, a bit for each.
    var channels: UInt16 = 0
    /// Channels whose pedals are down, a bit for each.
    var pedals: UInt16 = 0
    /// False after events were lost: then more may sound than is known.
    var isComplete = true
    var destinations: Set<Address> = []
  }

  /// Guards until the client is gone. `GuardLauncher` started the process, with the client's number
  /// and those of its ports as arguments.
  static func run() -> Never {
    for signal in [SIGINT, SIGHUP, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2] {
      Glibc.signal(signal, SIG_IGN)
    }
    // The guard renames itself, so that `killall midi-out` does not end it too.
    let name = open("/proc/self/comm", O_WRONLY | O_CLOEXEC)
    write(name, GuardLauncher.processName, GuardLauncher.processName.utf8.count)
    close(name)
    let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    guard numbers.count > 1,
      var process = try? GuardProcess.listening(to: numbers[0], ports: Array(numbers[1...]))
    else { exit(69) }
    var byte: UInt8 = 1
    write(STDOUT_FILENO, &byte, 1)
    close(STDOUT_FILENO)
    try? process.guardUntilGone()
    exit(0)
  }

  private static func listening(
    to guarded: Int, ports: [Int]
  ) throws(SequencerError) -> GuardProcess {
    let client = try SequencerClient.open(name: GuardLauncher.processName)
    try client.watchPorts()
    let port = try client.makePort(name: "guard", .input, isPublic: false)
    for number in ports {
      try client.connect(from: Address(client: guarded, port: number), to: port)
    }
    return GuardProcess(client, guardedClient: guarded, port: port, guardedPorts: ports)
  }

  private init(
    _ client: consuming SequencerClient, guardedClient: Int, port: Int, guardedPorts: [Int]
  ) {
    self.client = client
    self.guardedClient = guardedClient
    self.port = port
    for number in guardedPorts { ports[number] = GuardedPort() }
  }

  private mutating func guardUntilGone() throws(SequencerError) {
    while true {
      while let arrival = try client.receive() {
        switch arrival {
        case .event(let event): if receive(event) { return silence() }
        case .overflow: if try isGoneAfterLoss() { return silence() }
        }
      }
      let descriptor = FileDescriptor(rawValue: client.fileDescriptor)
      _ = try? MonotonicClock.wait(for: .reading(descriptor), or: nil, .forever)
    }
  }

  /// Handles an event. Returns true if the guarded client is gone.
  private mutating func receive(_ received: ReceivedEvent) -> Bool {
    switch received.event {
    case .message(let message): follow(message, from: received.source.port)
    case .connected(let from, let to) where isGuarded(from) && to.client != client.number:
      ports[from.port]?.destinations.insert(to)
    case .disconnected(let from, let to) where isGuarded(from):
      ports[from.port]?.destinations.remove(to)
    case .portExited(let address): forget { $0 == address }
    case .clientExited(guardedClient): return true
    case .clientExited(let client): forget { $0.client == client }
    default: break
    }
    return false
  }

  private func isGuarded(_ address: Address) -> Bool { address.client == guardedClient }

  /// Looks for the client after events were lost, perhaps the one that says that it is gone. From
  /// now on silence means more than the known notes, at all ports that may have been connected.
  private mutating func isGoneAfterLoss() throws(SequencerError) -> Bool {
    for port in ports.keys {
      ports[port]?.isComplete = false
      let listeners = client.listeners(to: Address(client: guardedClient, port: port))
      ports[port]?.destinations.formUnion(listeners.filter { $0.client != client.number })
    }
    return !client.ports().contains { isGuarded($0.address) }
  }

  private mutating func forget(_ isGone: (Address) -> Bool) {
    for port in ports.keys {
      guard let destinations = ports[port]?.destinations else { continue }
      ports[port]?.destinations = destinations.filter { !isGone($0) }
    }
  }

  private mutating func follow(_ message: ChannelMessage, from port: Int) {
    ports[port]?.sounding.receive(message)
    ports[port]?.channels |= 1 << UInt16(message.channel.rawValue - 1)
    // Sustain and sostenuto.
    if case .control(let channel, 64, let value) = message { setPedal(port, channel, value) }
    if case .control(let channel, 66, let value) = message { setPedal(port, channel, value) }
  }

  private mutating func setPedal(_ port: Int, _ channel: Channel, _ value: UInt8) {
    let bit: UInt16 = 1 << UInt16(channel.rawValue - 1)
    if value >= 64 { ports[port]?.pedals |= bit } else { ports[port]?.pedals &= ~bit }
  }

  /// Ends the notes that the client left sounding.
  private mutating func silence() {
    for number in ports.keys {
      guard var left = ports[number],
        !left.sounding.isEmpty || left.pedals != 0 || !left.isComplete
      else { continue }
      var messages: [ChannelMessage] = []
      left.sounding.removeAll { messages.append(.noteOff($0)) }
      messages += Silence.controls(left.isComplete ? left.channels : .max)
      // A destination that has no room does not keep the others from silence.
      for destination in left.destinations { try? send(messages, to: destination) }
    }
  }

  /// Sends messages. Where there is no room it waits for some, for a second at most.
  private func send(
    _ messages: [ChannelMessage], to destination: Address
  ) throws(SequencerError) {
    var triesLeft = 1000
    for message in messages {
      while try !client.send(.message(message), from: port, to: destination), triesLeft > 0 {
        triesLeft -= 1
        _ = MonotonicClock.wait(until: MonotonicClock.now + Microseconds(1_000))
      }
    }
  }
}
