import Testing

@testable import Sequencer

struct PortNameTests {
  /// A studio with two identical keyboards.
  static let ports = [
    PortInfo(
      address: Address(client: 14, port: 0), clientName: "Midi Through",
      portName: "Midi Through Port-0"),
    PortInfo(
      address: Address(client: 28, port: 0), clientName: "KeyStep", portName: "KeyStep MIDI 1"),
    PortInfo(
      address: Address(client: 24, port: 0), clientName: "KeyStep", portName: "KeyStep MIDI 1"),
    PortInfo(address: Address(client: 32, port: 0), clientName: "UM-2", portName: "UM-2 MIDI 1"),
    PortInfo(address: Address(client: 32, port: 1), clientName: "UM-2", portName: "UM-2 MIDI 2"),
    PortInfo(
      address: Address(client: 128, port: 0), clientName: "FLUID Synth (812)",
      portName: "Synth input port (812:0)"),
    PortInfo(address: Address(client: 129, port: 0), clientName: "take#2", portName: "out"),
  ].numbered()

  static func text(_ match: PortName.Match) -> String {
    switch match {
    case .one(let port): "\(port.address)"
    case .none: "none"
    case .several(let ports): ports.map(\.address.description).joined(separator: " or ")
    }
  }

  @Test(
    "finds the port that a name means",
    arguments: [
      // Numbers.
      ("14:0", "14:0"), ("14", "14:0"), ("32:1", "32:1"), ("32:2", "none"), ("99", "none"),
      // Whole names of client, port and both. Capitals matter only if they distinguish names.
      ("Midi Through", "14:0"), ("UM-2 MIDI 2", "32:1"), ("UM-2:UM-2 MIDI 1", "32:0"),
      ("midi through", "14:0"),
      // Beginnings, then parts.
      ("FluidSynth", "128:0"), ("FLUID", "128:0"), ("fluid", "128:0"), ("Synth", "128:0"),
      ("hrough", "14:0"),
      ("nothing", "none"), ("", "14:0 or 24:0 or 28:0 or 32:0 or 32:1 or 128:0 or 129:0"),
      // A name that means several ports is refused. A whole name comes before a part of one.
      ("UM-2", "32:0 or 32:1"), ("MIDI 1", "24:0 or 28:0 or 32:0"),
      ("KeyStep", "24:0 or 28:0"), ("KeyStep:KeyStep MIDI 1", "24:0 or 28:0"),
      ("KeyStep#1", "24:0"), ("KeyStep#2", "28:0"), ("keystep#2", "28:0"), ("Key#2", "28:0"),
      ("KeyStep#3", "none"), ("KeyStep:KeyStep MIDI 1#2", "28:0"),
      ("take#2", "129:0"),
    ]) func findsWhatIsMeant(name: String, found: String)
  {
    #expect(Self.text(PortName(name).match(in: Self.ports)) == found)
  }

  /// The full name of a port finds it again, even if its address has changed.
  @Test("finds every port by its full name")
  func aFullNameFindsItsPort() {
    for port in Self.ports where port.ordinal > 1 || port.clientName != "KeyStep" {
      #expect(PortName(port.fullName).match(in: Self.ports) == .one(port))
    }
  }
}

struct InputPoolTests {
  static let lines = """
    Client info
      cur  clients : 3
    Client   0 : "System" [Kernel Legacy]
      Port   0 : "Timer" (Rwe-)
    Client 128 : "midi-in" [User Legacy]
      Port   0 : "in" (-We-)
        Connected From: 14:0
      Output pool :
        Pool size          : 500
        Cells in use       : 1
        Peak cells in use  : 1
        Alloc success      : 7
        Alloc failures     : 0
      Input pool :
        Pool size          : 2000
        Cells in use       : 3
        Peak cells in use  : 2000
        Alloc success      : 5120
        Alloc failures     : 41
    Client 129 : "midi-out" [User Legacy]
      Input pool :
        Pool size          : 200
        Cells in use       : 0
        Peak cells in use  : 0
        Alloc success      : 0
        Alloc failures     : 0
    """.split(separator: "\n").map { "\($0)\n" }

  @Test("reads the kernel's list of clients")
  func readsWhatTheKernelTells() {
    let pool = InputPool(ofClient: 128, in: Self.lines)
    #expect(pool?.waiting == 3 && pool?.allocated == 5120 && pool?.refused == 41)
    #expect(InputPool(ofClient: 129, in: Self.lines)?.allocated == 0)
    #expect(InputPool(ofClient: 0, in: Self.lines) == nil)
    #expect(InputPool(ofClient: 12, in: Self.lines) == nil)
  }
}
