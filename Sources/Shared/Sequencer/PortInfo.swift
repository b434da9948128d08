/// A port that other programs can be connected to.
public struct PortInfo: Hashable, Sendable {
  public var address: Address
  public var clientName: String
  public var portName: String
  /// Whether it can be played from: a keyboard.
  public var isSource: Bool
  /// Whether it can be played to: a synthesiser.
  public var isDestination: Bool
  /// Whether it is a device, not a program.
  public var isHardware: Bool
  /// Which of those with the same names it is, from 1, in order of their addresses.
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

  /// `KeyStep 37:KeyStep 37 MIDI 1`, and `#2` after it where another one has these names.
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
  /// In order of their addresses, those of the same names numbered.
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
