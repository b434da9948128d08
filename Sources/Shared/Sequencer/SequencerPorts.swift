import CAlsa
import Glibc

/// The ports of other clients, and connections to them.
extension SequencerClient {
  /// All ports to which this client can be connected, in order of their addresses, without its own
  /// and those of the sequencer itself.
  public func ports() -> [PortInfo] {
    let functions = library.functions
    let client = library.make { functions.snd_seq_client_info_malloc($0) }
    let port = library.make { functions.snd_seq_port_info_malloc($0) }
    defer {
      functions.snd_seq_client_info_free(client)
      functions.snd_seq_port_info_free(port)
    }
    var ports: [PortInfo] = []
    functions.snd_seq_client_info_set_client(client, -1)
    while functions.snd_seq_query_next_client(handle, client) >= 0 {
      let number = functions.snd_seq_client_info_get_client(client)
      guard number != 0, number != self.number else { continue }
      functions.snd_seq_port_info_set_client(port, number)
      functions.snd_seq_port_info_set_port(port, -1)
      while functions.snd_seq_query_next_port(handle, port) >= 0 {
        let found = info(client, port)
        if found.isSource || found.isDestination { ports.append(found) }
      }
    }
    return ports.numbered()
  }

  private func info(_ client: OpaquePointer, _ port: OpaquePointer) -> PortInfo {
    let functions = library.functions
    let capabilities = functions.snd_seq_port_info_get_capability(port)
    func has(_ flags: Int32) -> Bool {
      capabilities & UInt32(flags) == UInt32(flags)
        && capabilities & UInt32(SND_SEQ_PORT_CAP_NO_EXPORT) == 0
    }
    let type = functions.snd_seq_port_info_get_type(port)
    return PortInfo(
      address: Address(
        client: Int(functions.snd_seq_client_info_get_client(client)),
        port: Int(functions.snd_seq_port_info_get_port(port))),
      clientName: String(cString: functions.snd_seq_client_info_get_name(client)!),
      portName: String(cString: functions.snd_seq_port_info_get_name(port)!),
      isSource: has(SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ),
      isDestination: has(SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE),
      isHardware: type & UInt32(SND_SEQ_PORT_TYPE_HARDWARE) != 0)
  }

  /// From now on receives announcements of clients and ports that come and go.
  public func watchPorts() throws(SequencerError) {
    let port = try makePort(name: "announcements", .input, isPublic: false)
    try connect(from: .announcements, to: port)
  }

  /// The ports that send to a port.
  public func senders(to address: Address) -> [Address] {
    connections(of: address, SND_SEQ_QUERY_SUBS_WRITE)
  }

  /// The ports that receive from a port.
  public func listeners(to address: Address) -> [Address] {
    connections(of: address, SND_SEQ_QUERY_SUBS_READ)
  }

  private func connections(of address: Address, _ type: snd_seq_query_subs_type_t) -> [Address] {
    let functions = library.functions
    let query = library.make { functions.snd_seq_query_subscribe_malloc($0) }
    defer { functions.snd_seq_query_subscribe_free(query) }
    var root = snd_seq_addr_t(address)
    functions.snd_seq_query_subscribe_set_root(query, &root)
    functions.snd_seq_query_subscribe_set_type(query, type)
    var others: [Address] = []
    while true {
      functions.snd_seq_query_subscribe_set_index(query, Int32(others.count))
      guard functions.snd_seq_query_port_subscribers(handle, query) >= 0 else { return others }
      others.append(Address(functions.snd_seq_query_subscribe_get_addr(query)!.pointee))
    }
  }

  /// Connects a port of another client to one of this client.
  public func connect(from source: Address, to port: Int) throws(SequencerError) {
    try connect(source, Address(client: number, port: port), whose: source)
  }

  /// Connects a port of this client to one of another client.
  public func connect(from port: Int, to destination: Address) throws(SequencerError) {
    try connect(Address(client: number, port: port), destination, whose: destination)
  }

  private func connect(
    _ sender: Address, _ destination: Address, whose other: Address
  ) throws(SequencerError) {
    let functions = library.functions
    let connection = library.make { functions.snd_seq_port_subscribe_malloc($0) }
    defer { functions.snd_seq_port_subscribe_free(connection) }
    var (from, to) = (snd_seq_addr_t(sender), snd_seq_addr_t(destination))
    functions.snd_seq_port_subscribe_set_sender(connection, &from)
    functions.snd_seq_port_subscribe_set_dest(connection, &to)
    let result = functions.snd_seq_subscribe_port(handle, connection)
    // Busy also means that the ports are connected already.
    if result == -EBUSY, listeners(to: sender).contains(destination) { return }
    try library.check("connect to port \(other)", result)
  }
}
