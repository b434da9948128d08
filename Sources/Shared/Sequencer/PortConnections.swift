/// The connections of a tool to other ports, as these come and go.
public struct PortConnections: Sendable {
  /// A change of one connection.
  public enum Change: Hashable, Sendable {
    case connected(index: Int, PortInfo)
    case lost(index: Int, PortInfo)
  }

  private enum State: Hashable, Sendable {
    /// The port has not come yet.
    case waiting(PortName)
    case connected(PortInfo)
    /// The port has gone: the next one with the same names replaces it.
    case lost(PortInfo)
  }

  private let direction: SequencerClient.Direction
  private var states: [State]

  /// - Parameter direction: the direction of the tool's own ports. With `.input` it receives from
  ///   the others.
  public init(_ wanted: [PortName], _ direction: SequencerClient.Direction) {
    states = wanted.map { .waiting($0) }
    self.direction = direction
  }

  /// The addresses of the ports that are connected.
  public var addresses: [Address] {
    states.compactMap { state in
      if case .connected(let port) = state { port.address } else { nil }
    }
  }

  /// Connects the wanted ports that exist. Throws if a name means several ports, or none while the
  /// tool may not wait.
  /// - Parameter own: for each wanted port, the number of the tool's own port.
  public mutating func connectAll(
    _ client: borrowing SequencerClient, own: [Int], mayWait: Bool
  ) throws(SequencerError) -> [Change] {
    let ports = candidates(client.ports())
    var changes: [Change] = []
    for index in states.indices {
      guard case .waiting(let name) = states[index] else { continue }
      switch name.match(in: ports) {
      case .one(let port):
        try connect(client, own[index], port)
        states[index] = .connected(port)
        changes.append(.connected(index: index, port))
      case .several(let ports):
        throw SequencerError(
          "connect to \(name)", reason: "it may be \(Self.text(ports, " or "))")
      case .none where !mayWait:
        throw SequencerError(
          "connect to \(name)",
          reason: "there is no such port"
            + (ports.isEmpty ? ", nor any other" : "; there are \(Self.text(ports, ", "))"))
      case .none: break
      }
    }
    return changes
  }

  /// Handles an announcement of the sequencer: connects ports that came, and returns the changes.
  public mutating func receive(
    _ event: SequencerEvent, _ client: borrowing SequencerClient, own: [Int]
  ) -> [Change] {
    switch event {
    case .portStarted(let address):
      guard let port = candidates(client.ports()).first(where: { $0.address == address }),
        let index = place(for: port)
      else { return [] }
      // The port has gone again or is busy. It will be announced again.
      guard (try? connect(client, own[index], port)) != nil else { return [] }
      states[index] = .connected(port)
      return [.connected(index: index, port)]
    case .portExited(let address): return lose { $0 == address }
    case .clientExited(let client): return lose { $0.client == client }
    default: return []
    }
  }

  /// Updates the connections from the ports that exist now, after announcements were lost. Returns
  /// the changes.
  public mutating func rescan(_ client: borrowing SequencerClient, own: [Int]) -> [Change] {
    let ports = candidates(client.ports())
    // A port that went and came again has the same number, but no connection.
    let connected = own.flatMap { number in
      let address = Address(client: client.number, port: number)
      return direction == .input ? client.senders(to: address) : client.listeners(to: address)
    }
    var changes = lose { !connected.contains($0) }
    for port in ports where !addresses.contains(port.address) {
      changes += receive(.portStarted(port.address), client, own: own)
    }
    return changes
  }

  /// The index of the missing connection that a new port is for; nil if it is for none.
  func place(for port: PortInfo) -> Int? {
    states.firstIndex { state in
      switch state {
      case .waiting(let name): name.match(in: [port]) == .one(port)
      case .lost(let before): before.identity == port.identity
      case .connected: false
      }
    }
  }

  private mutating func lose(_ isGone: (Address) -> Bool) -> [Change] {
    var changes: [Change] = []
    for index in states.indices {
      guard case .connected(let port) = states[index], isGone(port.address) else { continue }
      states[index] = .lost(port)
      changes.append(.lost(index: index, port))
    }
    return changes
  }

  private func candidates(_ ports: [PortInfo]) -> [PortInfo] {
    ports.filter { direction == .input ? $0.isSource : $0.isDestination }
  }

  private func connect(
    _ client: borrowing SequencerClient, _ own: Int, _ port: PortInfo
  ) throws(SequencerError) {
    switch direction {
    case .input: try client.connect(from: port.address, to: own)
    case .output: try client.connect(from: own, to: port.address)
    }
  }

  private static func text(_ ports: [PortInfo], _ separator: String) -> String {
    ports.map { "\($0.address) \($0.fullName)" }.joined(separator: separator)
  }
}

extension PortInfo {
  /// What stays the same when the port comes again: its names without numbers in parentheses, such
  /// as the process number in `FLUID Synth (812)`.
  var identity: String {
    var identity = ""
    var group: String?
    for character in "\(clientName):\(portName)" {
      if let begun = group {
        group = begun + String(character)
        if character == ")" {
          group = nil
        } else if !character.isNumber, character != ":" {
          identity += begun + String(character)
          group = nil
        }
      } else if character == "(" {
        group = "("
      } else {
        identity.append(character)
      }
    }
    return identity + (group ?? "")
  }
}
