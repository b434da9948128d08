/// A port of the sequencer to which other programs can be connected.
public struct PortInfo: Hashable, Sendable {
  public var address: Address
  public var clientName: String
  public var portName: String
  /// Whether others can receive from it, as from a keyboard.
  public var isSource: Bool
  /// Whether others can send to it, as to a synthesiser.
  public var isDestination: Bool
  /// Whether it belongs to a device, not to a program.
  public var isHardware: Bool
  /// Its number among ports with the same names, from 1, in order of their addresses.
  public var ordinal: Int

  public init(
    address: Address, clientName: String, portName: String, isSource: Bool = true,
    isDestination: Bool = true, isHardware: Bool = false, ordinal: Int = 1
  ) {
    self.address = address
    self.clientName = clientName
    self.portName = portName
    self.isSource = isSource
    self.isDestination = isDestination
    self.isHardware = isHardware
    self.ordinal = ordinal
  }

  /// `KeyStep 37:KeyStep 37 MIDI 1`, with `#2` at the end for the second port with these names.
  public var fullName: String {
    "\(clientName):\(portName)" + (ordinal > 1 ? "#\(ordinal)" : "")
  }
}

extension PortInfo {
  /// What midi-out calls its ports. midi-in finds them by this name, to tell what midi-out plays
  /// from what the person plays.
  public static let midiOutPortName = "midi-out"

  /// Whether midi-out made the port.
  public var isMidiOut: Bool { portName == Self.midiOutPortName }
}

extension [PortInfo] {
  /// The ports in order of their addresses, with their ordinals set.
  public func numbered() -> [PortInfo] {
    var counts: [String: Int] = [:]
    return sorted { $0.address < $1.address }.map { port in
      var port = port
      port.ordinal = 1
      let name = port.fullName
      port.ordinal = counts[name, default: 0] + 1
      counts[name] = port.ordinal
      return port
    }
  }
}
