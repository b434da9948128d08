import Records
import Sequencer

/// Ports as a person or a program reads them.
public enum PortList {
  /// A line for each port: its address, and its full name.
  public static func text(_ ports: [PortInfo]) -> String {
    let width = ports.map { "\($0.address)".utf8.count }.max() ?? 0
    return ports.map { port in
      let address = "\(port.address)"
      let space = String(repeating: " ", count: width - address.utf8.count)
      return "\(space)\(address)  \(port.fullName)\n"
    }.joined()
  }

  /// A JSON object for each port, each on a line of its own.
  public static func json(_ ports: [PortInfo]) -> String {
    ports.map { port in
      #"{"address":"\#(port.address)","name":\#(port.fullName.quotedAsJSON),"#
        + #""client":\#(port.address.client),"port":\#(port.address.port),"#
        + #""client_name":\#(port.clientName.quotedAsJSON),"#
        + #""port_name":\#(port.portName.quotedAsJSON),"hardware":\#(port.isHardware)}"# + "\n"
    }.joined()
  }
}
