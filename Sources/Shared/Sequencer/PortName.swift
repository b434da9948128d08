/// What a person calls a port: `24:0`, `24`, `KeyStep`, `KeyStep:MIDI 1`, `KeyStep#2`.
public struct PortName: Hashable, Sendable, CustomStringConvertible {
  private let text: String

  public init(_ text: String) {
    self.text = text
  }

  public var description: String { text }

  /// What a name was found to mean.
  public enum Match: Hashable, Sendable {
    case one(PortInfo)
    case none
    /// More than one port, and which.
    case several([PortInfo])
  }

  /// The port that is meant, of those that would do. A number means that one. A name is first compared
  /// with whole names, of the client, of the port, of both with a colon between; then with how these
  /// begin; then with what they contain, whatever the capitals and spaces. What one of these finds alone is meant.
  public func match(in ports: [PortInfo]) -> Match {
    if let address {
      return ports.first { $0.address == address }.map { .one($0) } ?? .none
    }
    for isAlike in Self.likenesses {
      let (name, ordinal) = numbered(isAlike, ports)
      let found = ports.filter { port in
        (ordinal == nil || port.ordinal == ordinal) && port.names.contains { isAlike($0, name) }
      }
      if found.count == 1 { return .one(found[0]) }
      if found.count > 1 { return .several(found) }
    }
    return .none
  }

  private static let likenesses: [@Sendable (_ whole: String, _ name: String) -> Bool] = [
    { $0 == $1 },
    { $0.plain == $1.plain },
    { $0.plain.hasPrefix($1.plain) },
    { $0.plain.contains($1.plain) },
  ]

  /// `24:0`, or `24` for its port 0.
  private var address: Address? {
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard 1...2 ~= numbers.count, let client = numbers[0], client >= 0 else { return nil }
    guard numbers.count == 2 else { return Address(client: client, port: 0) }
    return numbers[1].flatMap { $0 >= 0 ? Address(client: client, port: $0) : nil }
  }

  /// A number sign at the end tells which of several it is, unless it is part of a name.
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
  /// Without what people don't remember: capitals, and where there are spaces.
  fileprivate var plain: String { lowercased().filter { $0 != " " } }
}

extension PortInfo {
  fileprivate var names: [String] { [clientName, portName, "\(clientName):\(portName)"] }
}
