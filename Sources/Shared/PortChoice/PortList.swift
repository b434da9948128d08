import CommandSupport
import JSONText
import Records
import Sequencer

/// Lists of ports, for people and for programs.
public enum PortList {
  /// A line for each port: its address and its full name.
  public static func text(_ ports: [PortInfo]) -> String {
    let width = ports.map { "\($0.address)".utf8.count }.max() ?? 0
    return ports.map { port in
      let address = "\(port.address)"
      let space = String(repeating: " ", count: width - address.utf8.count)
      return "\(space)\(address)  \(port.fullName.printable())\n"
    }.joined()
  }

  /// A JSON object for each port, each on a line of its own.
  public static func json(_ ports: [PortInfo]) -> String {
    ports.map { port in
      let object = JSON.object([
        ("address", .text("\(port.address)")), ("name", .text(port.fullName)),
        ("client", .integer(port.address.client)), ("port", .integer(port.address.port)),
        ("client_name", .text(port.clientName)), ("port_name", .text(port.portName)),
        ("hardware", .flag(port.isHardware)),
      ])
      return "\(object)\n"
    }.joined()
  }
}
