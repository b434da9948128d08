/// A port as a person names it: `24:0`, `24`, `KeyStep`, `KeyStep:MIDI 1`, `KeyStep#2`.
public struct PortName: Hashable, Sendable, CustomStringConvertible {
  private let text: String

  public init(_ text: String) {
    self.text = text
  }

  public var description: String { text }

  /// The ports that a name means.
  public enum Match: Hashable, Sendable {
    case one(PortInfo)
    case none
    /// More than one.
    case several([PortInfo])
  }

  /// Finds the port that is meant. A number means the port with that address. A name is compared
  /// with the names of the client, of the port, and of both with a colon between: first for
  /// equality, then without regard to capitals and spaces for equality, for a prefix and for a
  /// part. The first comparison that finds anything decides.
  public func match(in ports: [PortInfo]) -> Match {
    if let address {
      return ports.first { $0.address == address }.map { .one($0) } ?? .none
    }
    for isAlike in Self.comparisons {
      let (name, ordinal) = numbered(isAlike, ports)
      let found = ports.filter { port in
        (ordinal == nil || port.ordinal == ordinal) && port.names.contains { isAlike($0, name) }
      }
      if found.count == 1 { return .one(found[0]) }
      if found.count > 1 { return .several(found) }
    }
    return .none
  }

  /// How a port's name is compared with the wanted name, the strictest comparison first.
  private static let comparisons: [@Sendable (_ whole: String, _ name: String) -> Bool] = [
    { $0 == $1 },
    { $0.plain == $1.plain },
    { $0.plain.hasPrefix($1.plain) },
    { $0.plain.contains($1.plain) },
  ]

  /// The address, from `24:0`, or from `24` for port 0; nil for a name.
  private var address: Address? {
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard 1...2 ~= numbers.count, let client = numbers[0], client >= 0 else { return nil }
    guard numbers.count == 2 else { return Address(client: client, port: 0) }
    return numbers[1].flatMap { $0 >= 0 ? Address(client: client, port: $0) : nil }
  }

  /// The name and the ordinal after a number sign, unless the sign is part of a port's name.
  private func numbered(
    _ isAlike: (String, String) -> Bool, _ ports: [PortInfo]
  ) -> (name: String, ordinal: Int?) {
    guard let mark = text.lastIndex(of: "#"), let ordinal = Int(text[text.index(after: mark)...]),
      !ports.contains(where: { port in port.names.contains { isAlike($0, text) } })
    else { return (text, nil) }
    return (String(text[..<mark]), ordinal)
  }
}

extension String {
  /// The string without capitals and spaces, which people don't remember.
  fileprivate var plain: String { lowercased().filter { $0 != " " } }
}

extension PortInfo {
  fileprivate var names: [String] { [clientName, portName, "\(clientName):\(portName)"] }
}
