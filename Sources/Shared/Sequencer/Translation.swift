import CAlsa
import Music

extension ReceivedEvent {
  init(_ event: snd_seq_event_t) {
    self.init(
      event: SequencerEvent(event),
      queueTime: event.flags & UInt8(SND_SEQ_TIME_STAMP_MASK) == UInt8(SND_SEQ_TIME_STAMP_REAL)
        ? Microseconds(event.time.time) : .zero,
      source: Address(event.source), port: Int(event.dest.port))
  }
}

extension SequencerEvent {
  fileprivate init(_ event: snd_seq_event_t) {
    switch snd_seq_event_type(rawValue: UInt32(event.type)) {
    case SND_SEQ_EVENT_CLOCK: self = .clock(.pulse)
    case SND_SEQ_EVENT_START: self = .clock(.start)
    case SND_SEQ_EVENT_CONTINUE: self = .clock(.continue)
    case SND_SEQ_EVENT_STOP: self = .clock(.stop)
    case SND_SEQ_EVENT_SONGPOS:
      let position = Int(event.data.control.value)
      // A client can send any number; MIDI has 14 bits for it.
      self = 0..<16_384 ~= position ? .clock(.songPosition(position)) : .other
    case SND_SEQ_EVENT_PORT_START: self = .portStarted(Address(event.data.addr))
    case SND_SEQ_EVENT_PORT_EXIT: self = .portExited(Address(event.data.addr))
    case SND_SEQ_EVENT_CLIENT_EXIT: self = .clientExited(Int(event.data.addr.client))
    case SND_SEQ_EVENT_PORT_SUBSCRIBED:
      let connection = event.data.connect
      self = .connected(from: Address(connection.sender), to: Address(connection.dest))
    case SND_SEQ_EVENT_PORT_UNSUBSCRIBED:
      let connection = event.data.connect
      self = .disconnected(from: Address(connection.sender), to: Address(connection.dest))
    default:
      self = ChannelMessage(event).map { .message($0) } ?? .other
    }
  }
}

extension ChannelMessage {
  /// Nil for events of other kinds, and for values beyond MIDI's ranges.
  fileprivate init?(_ event: snd_seq_event_t) {
    switch snd_seq_event_type(rawValue: UInt32(event.type)) {
    case SND_SEQ_EVENT_NOTEON:
      guard let note = Note(event.data.note) else { return nil }
      self = note.velocity.rawValue > 0 ? .noteOn(note) : .noteOff(note)
    case SND_SEQ_EVENT_NOTEOFF:
      guard let note = Note(event.data.note) else { return nil }
      self = .noteOff(note)
    case SND_SEQ_EVENT_CONTROLLER:
      let control = event.data.control
      guard let channel = Channel(Int(control.channel) + 1), control.param < 128,
        0...127 ~= control.value
      else { return nil }
      self = .control(
        channel: channel, controller: UInt8(control.param), value: UInt8(control.value))
    case SND_SEQ_EVENT_PGMCHANGE:
      let control = event.data.control
      guard let channel = Channel(Int(control.channel) + 1), 0...127 ~= control.value else {
        return nil
      }
      self = .program(channel: channel, program: UInt8(control.value))
    case SND_SEQ_EVENT_PITCHBEND:
      let control = event.data.control
      guard let channel = Channel(Int(control.channel) + 1),
        ChannelMessage.bends.contains(Int(control.value))
      else { return nil }
      self = .bend(channel: channel, value: Int(control.value))
    default: return nil
    }
  }
}

extension snd_seq_event_t {
  /// Nil for an event that can't be sent.
  init?(_ event: SequencerEvent) {
    self.init()
    switch event {
    case .message(let message): set(message)
    case .clock(.pulse): type = UInt8(SND_SEQ_EVENT_CLOCK.rawValue)
    case .clock(.start): type = UInt8(SND_SEQ_EVENT_START.rawValue)
    case .clock(.continue): type = UInt8(SND_SEQ_EVENT_CONTINUE.rawValue)
    case .clock(.stop): type = UInt8(SND_SEQ_EVENT_STOP.rawValue)
    case .clock(.songPosition(let position)):
      set(SND_SEQ_EVENT_SONGPOS, Channel(1)!, position)
    default: return nil
    }
  }

  private mutating func set(_ message: ChannelMessage) {
    switch message {
    case .noteOn(let note): set(SND_SEQ_EVENT_NOTEON, note)
    case .noteOff(let note): set(SND_SEQ_EVENT_NOTEOFF, note)
    case .control(let channel, let controller, let value):
      set(SND_SEQ_EVENT_CONTROLLER, channel, parameter: controller, Int(value))
    case .program(let channel, let program): set(SND_SEQ_EVENT_PGMCHANGE, channel, Int(program))
    case .bend(let channel, let value): set(SND_SEQ_EVENT_PITCHBEND, channel, value)
    }
  }

  private mutating func set(_ type: snd_seq_event_type, _ note: Note) {
    self.type = UInt8(type.rawValue)
    data.note.channel = note.channel.rawValue - 1
    data.note.note = note.pitch.rawValue
    data.note.velocity = note.velocity.rawValue
  }

  private mutating func set(
    _ type: snd_seq_event_type, _ channel: Channel, parameter: UInt8 = 0, _ value: Int
  ) {
    self.type = UInt8(type.rawValue)
    data.control.channel = channel.rawValue - 1
    data.control.param = UInt32(parameter)
    data.control.value = Int32(value)
  }
}

extension Note {
  fileprivate init?(_ note: snd_seq_ev_note_t) {
    guard let channel = Channel(Int(note.channel) + 1), let pitch = Pitch(Int(note.note)),
      let velocity = Velocity(Int(note.velocity))
    else { return nil }
    self.init(channel: channel, pitch: pitch, velocity: velocity)
  }
}

extension Address {
  init(_ address: snd_seq_addr_t) {
    self.init(client: Int(address.client), port: Int(address.port))
  }
}

extension snd_seq_addr_t {
  init(_ address: Address) {
    self.init(client: UInt8(address.client), port: UInt8(address.port))
  }
}

extension Microseconds {
  init(_ time: snd_seq_real_time_t) {
    self.init(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}

extension snd_seq_real_time_t {
  /// A negative time becomes 0, because a queue has none.
  init(_ time: Microseconds) {
    let time = max(time.rawValue, 0)
    self.init(tv_sec: UInt32(time / 1_000_000), tv_nsec: UInt32(time % 1_000_000) * 1000)
  }
}
