/// The address of a port of the sequencer, as `aconnect -l` shows it: `24:0`.
public struct Address: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var client: Int
  public var port: Int

  public init(client: Int, port: Int) {
    self.client = client
    self.port = port
  }

  /// The port on which the sequencer announces clients and ports that come and go.
  public static let announcements = Address(client: 0, port: 1)

  public var description: String { "\(client):\(port)" }

  public static func < (left: Self, right: Self) -> Bool {
    (left.client, left.port) < (right.client, right.port)
  }
}
