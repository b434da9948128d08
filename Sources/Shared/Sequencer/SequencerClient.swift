import CAlsa
import Glibc

/// A client of the ALSA sequencer.
public struct SequencerClient: ~Copyable {
  /// What a port of the client is for.
  public enum Direction: Hashable, Sendable {
    /// Others play to it.
    case input
    /// It plays to others.
    case output
  }

  /// Events that wait in the kernel until they are read: as many as it allows.
  public static let poolSize = 2000

  let library: AlsaLibrary
  let handle: OpaquePointer
  /// As in the addresses of its ports.
  public let number: Int
  /// Where the state of a queue is read into.
  let queueStatus: OpaquePointer
  /// Cells of the input pool that were read.
  private var cellsRead = 0

  /// Opens the sequencer.
  public static func open(name: String) throws(SequencerError) -> SequencerClient {
    let library = try AlsaLibrary.load()
    var handle: OpaquePointer?
    try library.check(
      "open the sequencer",
      library.functions.snd_seq_open(&handle, "default", SND_SEQ_OPEN_DUPLEX, SND_SEQ_NONBLOCK))
    return try SequencerClient(library, handle!, name: name)
  }

  private init(
    _ library: AlsaLibrary, _ handle: OpaquePointer, name: String
  ) throws(SequencerError) {
    self.library = library
    self.handle = handle
    queueStatus = library.make { library.functions.snd_seq_queue_status_malloc($0) }
    number = Int(library.functions.snd_seq_client_id(handle))
    let functions = library.functions
    try library.check("name the client", functions.snd_seq_set_client_name(handle, name))
    for (what, result) in [
      ("input", functions.snd_seq_set_client_pool_input(handle, Self.poolSize)),
      ("output", functions.snd_seq_set_client_pool_output(handle, Self.poolSize)),
    ] {
      try library.check("make room for \(what)", result)
    }
  }

  deinit {
    library.functions.snd_seq_queue_status_free(queueStatus)
    _ = library.functions.snd_seq_close(handle)
  }

  /// Readable when something arrived; writable when what is sent finds room.
  public var fileDescriptor: CInt {
    var descriptor = pollfd()
    _ = library.functions.snd_seq_poll_descriptors(handle, &descriptor, 1, Int16(POLLIN))
    return descriptor.fd
  }

  /// Makes a port, and gives its number.
  /// - Parameters:
  ///   - isPublic: whether others may connect themselves.
  ///   - queue: stamps what arrives.
  public func makePort(
    name: String, _ direction: Direction, isPublic: Bool, stampedBy queue: SequencerQueue? = nil
  ) throws(SequencerError) -> Int {
    let functions = library.functions
    let port = library.make { functions.snd_seq_port_info_malloc($0) }
    defer { functions.snd_seq_port_info_free(port) }
    functions.snd_seq_port_info_set_name(port, name)
    functions.snd_seq_port_info_set_capability(port, Self.capabilities(direction, isPublic))
    functions.snd_seq_port_info_set_type(
      port, UInt32(SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_APPLICATION))
    functions.snd_seq_port_info_set_midi_channels(port, 16)
    if let queue {
      functions.snd_seq_port_info_set_timestamping(port, 1)
      functions.snd_seq_port_info_set_timestamp_real(port, 1)
      functions.snd_seq_port_info_set_timestamp_queue(port, queue.number)
    }
    try library.check("make the port \(name)", functions.snd_seq_create_port(handle, port))
    return Int(functions.snd_seq_port_info_get_port(port))
  }

  /// Only this client itself connects a port that is not public; but what it sends may be watched.
  private static func capabilities(_ direction: Direction, _ isPublic: Bool) -> UInt32 {
    let capabilities =
      switch direction {
      case .input: SND_SEQ_PORT_CAP_WRITE | (isPublic ? SND_SEQ_PORT_CAP_SUBS_WRITE : 0)
      case .output: SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ
      }
    return UInt32(capabilities | (isPublic ? 0 : SND_SEQ_PORT_CAP_NO_EXPORT))
  }

  /// What arrived, in order.
  public enum Arrival: Hashable, Sendable {
    case event(ReceivedEvent)
    /// More came than the kernel had room for: how many events were lost so far.
    case overflow(lost: Int)
  }

  /// What arrived next; nil if nothing waits.
  ///
  /// Real-time: no allocation, no locks, unless events were lost.
  public mutating func receive() throws(SequencerError) -> Arrival? {
    var event: UnsafeMutablePointer<snd_seq_event_t>?
    let result = library.functions.snd_seq_event_input(handle, &event)
    switch result {
    case -EAGAIN: return nil
    case -ENOSPC: return .overflow(lost: lostEvents)
    default: try library.check("read from the sequencer", result)
    }
    guard let event = event?.pointee else { return nil }
    cellsRead += Self.cells(of: event)
    return .event(ReceivedEvent(event))
  }

  /// What a longer event has beyond its head is in further cells of the same size.
  private static func cells(of event: snd_seq_event_t) -> Int {
    let kind = Int32(event.flags) & SND_SEQ_EVENT_LENGTH_MASK
    guard kind == SND_SEQ_EVENT_LENGTH_VARIABLE else { return 1 }
    let size = MemoryLayout<snd_seq_event_t>.size
    return 1 + (Int(event.data.ext.len) + size - 1) / size
  }

  /// Events that found no room, or were thrown away when some did not: the kernel's count of those that
  /// came, less those that were read or wait still. At least 1 where the kernel does not tell.
  public var lostEvents: Int {
    guard let pool = InputPool.current(ofClient: number) else { return 1 }
    return max(0, pool.allocated + pool.refused - cellsRead - pool.waiting)
  }
}
