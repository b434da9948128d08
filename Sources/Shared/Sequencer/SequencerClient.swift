import CAlsa
import Glibc

/// A client of the ALSA sequencer.
public struct SequencerClient: ~Copyable {
  /// The direction of a port of the client.
  public enum Direction: Hashable, Sendable {
    /// Others send to it.
    case input
    /// It sends to others.
    case output
  }

  /// The size of the client's input pool and of its output pool, in events: the kernel's maximum.
  /// The input pool holds events until they are read, the output pool until they are sent.
  public static let poolSize = 2000

  let library: AlsaLibrary
  let handle: OpaquePointer
  /// The client's number in the addresses of its ports.
  public let number: Int
  /// The object into which the state of a queue is read.
  let queueStatus: OpaquePointer
  /// How many cells of the input pool were read.
  private var cellsRead = 0

  /// Opens the sequencer as a client with the given name.
  public static func open(name: String) throws(SequencerError) -> SequencerClient {
    let library = try AlsaLibrary.load()
    var handle: OpaquePointer?
    let result = library.functions.snd_seq_open(
      &handle, "default", SND_SEQ_OPEN_DUPLEX, SND_SEQ_NONBLOCK)
    do {
      try library.check("open the sequencer", result)
    } catch {
      throw SequencerError(error.operation, reason: error.reason + advice(for: -result))
    }
    return try SequencerClient(library, handle!, name: name)
  }

  /// What can be done if the sequencer cannot be opened.
  private static func advice(for error: CInt) -> String {
    switch error {
    case ENOENT, ENODEV, ENXIO: ": as root, load it with modprobe snd-seq"
    case EACCES, EPERM: ": add yourself to the group audio, and log in again"
    default: ""
    }
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

  /// Readable when events have arrived; writable when there is room for events to be sent.
  public var fileDescriptor: CInt {
    var descriptor = pollfd()
    _ = library.functions.snd_seq_poll_descriptors(handle, &descriptor, 1, Int16(POLLIN))
    return descriptor.fd
  }

  /// Makes a port, and returns its number.
  /// - Parameters:
  ///   - isPublic: whether other clients may connect to it.
  ///   - queue: the queue that stamps the events that arrive.
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

  /// Only this client connects a port that is not public, but others may receive what the port
  /// sends.
  private static func capabilities(_ direction: Direction, _ isPublic: Bool) -> UInt32 {
    let capabilities =
      switch direction {
      case .input: SND_SEQ_PORT_CAP_WRITE | (isPublic ? SND_SEQ_PORT_CAP_SUBS_WRITE : 0)
      case .output: SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ
      }
    return UInt32(capabilities | (isPublic ? 0 : SND_SEQ_PORT_CAP_NO_EXPORT))
  }

  /// An event that arrived, or a loss of events.
  public enum Arrival: Hashable, Sendable {
    case event(ReceivedEvent)
    /// The kernel had no room for some events. `lost` is the number of lost events so far.
    case overflow(lost: Int)
  }

  /// Returns what arrived next; nil if nothing has arrived.
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

  /// The number of cells of an event. The data of a long event is in further cells of the same
  /// size.
  private static func cells(of event: snd_seq_event_t) -> Int {
    let kind = Int32(event.flags) & SND_SEQ_EVENT_LENGTH_MASK
    guard kind == SND_SEQ_EVENT_LENGTH_VARIABLE else { return 1 }
    let size = MemoryLayout<snd_seq_event_t>.size
    return 1 + (Int(event.data.ext.len) + size - 1) / size
  }

  /// How many events were lost: the kernel's count of all that came, minus those that were read and
  /// those that wait. It is 1 if the kernel gives no figures.
  public var lostEvents: Int {
    guard let pool = InputPool.current(ofClient: number) else { return 1 }
    return max(0, pool.allocated + pool.refused - cellsRead - pool.waiting)
  }
}
