import CommandSupport
import Glibc
import Music
import RealTime
import Sequencer
import SystemPackage

/// Another process, with a client of its own, that ends what sounds if this one is killed.
///
/// It is connected to the same ports and hears all that is sent to them, when it is sent, so it knows
/// what sounds; and the sequencer announces when a client is gone.
enum Guardian {
  /// What the process is called, and knows itself by.
  static let processName = "jam-guard"
  /// How long the guard may take to start.
  private static let longestStart = Microseconds(2_000_000)

  /// Starts it, and waits until it listens. If it can't be had, the music plays without it. It ends by
  /// itself, when the client is gone.
  static func start(client: Int, ports: [Int], report: (String) -> Void) {
    guard let (readEnd, writeEnd) = try? FileDescriptor.privatePipe() else { return }
    defer { try? readEnd.close() }
    do {
      defer { try? writeEnd.close() }
      // This program again, under the guard's name. Who waits for the end of standard error does not
      // wait for the guard.
      _ = try ChildProcess.start(
        "/proc/self/exe", [processName, "\(client)"] + ports.map(String.init),
        separation: .session, input: .null, output: .descriptor(writeEnd), error: .null)
    } catch {
      return report("no guard against being killed: it can't be started")
    }
    let deadline = MonotonicClock.now + longestStart
    let ready = try? MonotonicClock.wait(for: .reading(readEnd), or: nil, .until(deadline))
    var byte: UInt8 = 0
    guard ready?.first ?? false, read(readEnd.rawValue, &byte, 1) == 1 else {
      return report("no guard against being killed: it does not answer")
    }
  }
}

/// What the guard does.
struct Guard: ~Copyable {
  private var client: SequencerClient
  private let guarded: Int
  private let port: Int
  /// For each port of the guarded client: what sounds, and where.
  private var watched: [Int: Watched] = [:]

  private struct Watched {
    var keys = SoundingNotes()
    /// That were played on, a bit for each.
    var channels: UInt16 = 0
    /// Channels whose pedals are down.
    var pedals: UInt16 = 0
    /// Whether all that was sent was heard.
    var isSure = true
    var destinations: Set<Address> = []
  }

  /// Guards until the client is gone. The process was started by `Guardian`, with the client's number
  /// and those of its ports.
  static func run() -> Never {
    for signal in [SIGINT, SIGHUP, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2] {
      Glibc.signal(signal, SIG_IGN)
    }
    // What is killed by the name of midi-out is not the guard.
    let name = open("/proc/self/comm", O_WRONLY | O_CLOEXEC)
    write(name, Guardian.processName, Guardian.processName.utf8.count)
    close(name)
    let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    guard numbers.count > 1,
      var guarding = try? Guard.listening(to: numbers[0], ports: Array(numbers[1...]))
    else { exit(69) }
    var byte: UInt8 = 1
    write(STDOUT_FILENO, &byte, 1)
    close(STDOUT_FILENO)
    try? guarding.guardUntilGone()
    exit(0)
  }

  private static func listening(
    to guarded: Int, ports: [Int]
  ) throws(SequencerError) -> Guard {
    let client = try SequencerClient.open(name: Guardian.processName)
    try client.watchPorts()
    let port = try client.makePort(name: "guard", .input, isPublic: false)
    for number in ports {
      try client.connect(from: Address(client: guarded, port: number), to: port)
    }
    return Guard(client, guarded: guarded, port: port, guardedPorts: ports)
  }

  private init(
    _ client: consuming SequencerClient, guarded: Int, port: Int, guardedPorts: [Int]
  ) {
    self.client = client
    self.guarded = guarded
    self.port = port
    for number in guardedPorts { watched[number] = Watched() }
  }

  private mutating func guardUntilGone() throws(SequencerError) {
    while true {
      while let arrival = try client.receive() {
        guard case .event(let event) = arrival else {
          if try isGoneUnheard() { return silence() }
          continue
        }
        switch event.event {
        case .message(let played): hear(played, from: event.source.port)
        case .connected(let from, let to) where isGuarded(from) && to.client != client.number:
          watched[from.port]?.destinations.insert(to)
        case .disconnected(let from, let to) where isGuarded(from):
          watched[from.port]?.destinations.remove(to)
        case .portExited(let address): forget { $0 == address }
        case .clientExited(guarded): return silence()
        case .clientExited(let client): forget { $0.client == client }
        default: break
        }
      }
      let descriptor = FileDescriptor(rawValue: client.fileDescriptor)
      _ = try? MonotonicClock.wait(for: .reading(descriptor), or: nil, .forever)
    }
  }

  private func isGuarded(_ address: Address) -> Bool { address.client == guarded }

  /// Whether the client is gone, after announcements were lost. What was sent meanwhile is made up for by
  /// silencing more than is known to sound, and wherever it may have gone.
  private mutating func isGoneUnheard() throws(SequencerError) -> Bool {
    for port in watched.keys {
      watched[port]?.isSure = false
      let listeners = client.listeners(to: Address(client: guarded, port: port))
      watched[port]?.destinations.formUnion(listeners.filter { $0.client != client.number })
    }
    return !client.ports().contains { isGuarded($0.address) }
  }

  private mutating func forget(_ isGone: (Address) -> Bool) {
    for port in watched.keys {
      guard let destinations = watched[port]?.destinations else { continue }
      watched[port]?.destinations = destinations.filter { !isGone($0) }
    }
  }

  private mutating func hear(_ event: ChannelMessage, from port: Int) {
    watched[port]?.keys.receive(event)
    watched[port]?.channels |= 1 << UInt16(event.channel.rawValue - 1)
    // Sustain and sostenuto.
    if case .control(let channel, 64, let value) = event { setPedal(port, channel, value) }
    if case .control(let channel, 66, let value) = event { setPedal(port, channel, value) }
  }

  private mutating func setPedal(_ port: Int, _ channel: Channel, _ value: UInt8) {
    let bit: UInt16 = 1 << UInt16(channel.rawValue - 1)
    if value >= 64 { watched[port]?.pedals |= bit } else { watched[port]?.pedals &= ~bit }
  }

  /// What the client left sounding, if it could not end it itself.
  private mutating func silence() {
    for number in watched.keys {
      guard var left = watched[number], !left.keys.isEmpty || left.pedals != 0 || !left.isSure
      else { continue }
      var events: [ChannelMessage] = []
      left.keys.removeAll { events.append(.noteOff($0)) }
      events += Silence.controls(left.isSure ? left.channels : .max)
      // One that can't take it does not keep the others from silence.
      for destination in left.destinations { try? send(events, to: destination) }
    }
  }

  /// Waits for room where there is none, for a second at most: nothing else is left to be done.
  private func send(_ events: [ChannelMessage], to destination: Address) throws(SequencerError) {
    var patience = 1000
    for event in events {
      while try !client.send(.message(event), from: port, to: destination), patience > 0 {
        patience -= 1
        usleep(1000)
      }
    }
  }
}
