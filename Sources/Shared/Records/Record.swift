import Music

/// One line of the stream: something that happened, and when.
public struct Record: Hashable, Sendable {
  public var time: Microseconds
  public var event: Event

  public init(time: Microseconds, event: Event) {
    self.time = time
    self.event = event
  }
}

/// What a record says. `man 5 jam-stream` describes the fields.
public enum Event: Hashable, Sendable {
  case header(Header)
  case noteOn(Note)
  case noteOff(Note)
  /// `controller` and `value` are 0 to 127.
  case control(channel: Channel, controller: UInt8, value: UInt8)
  /// `program` is 0 to 127.
  case program(channel: Channel, program: UInt8)
  /// `value` is -8192 to 8191.
  case bend(channel: Channel, value: Int)
  case tick(Frame)
  /// From `frame` on, `beatsPerMinute` quarter notes a minute.
  case tempo(frame: Frame, beatsPerMinute: Double)
  /// From `frame`, a bar line, on.
  case meter(frame: Frame, Meter)
  case set(name: String, value: SettingValue)
  case settings([Setting])
  case plan(Plan)
  case marker(text: String)
  case stat([Counter])
  case end(reason: String)
  /// A type this version does not know: passed on unchanged.
  case unknown(type: String)
}

extension Event {
  public init(_ message: ChannelMessage) {
    switch message {
    case .noteOn(let note): self = .noteOn(note)
    case .noteOff(let note): self = .noteOff(note)
    case .control(let channel, let controller, let value):
      self = .control(channel: channel, controller: controller, value: value)
    case .program(let channel, let program): self = .program(channel: channel, program: program)
    case .bend(let channel, let value): self = .bend(channel: channel, value: value)
    }
  }

  /// The message to a MIDI channel, of what is one.
  public var message: ChannelMessage? {
    switch self {
    case .noteOn(let note): .noteOn(note)
    case .noteOff(let note): .noteOff(note)
    case .control(let channel, let controller, let value):
      .control(channel: channel, controller: controller, value: value)
    case .program(let channel, let program): .program(channel: channel, program: program)
    case .bend(let channel, let value): .bend(channel: channel, value: value)
    default: nil
    }
  }

  /// The MIDI channel, of what has one.
  public var channel: Channel? { message?.channel }
}

/// The first record of a stream.
public struct Header: Hashable, Sendable {
  /// CLOCK_MONOTONIC at time 0, in microseconds; nil where time is not real.
  public var epoch: Microseconds?
  /// The time of day at time 0 (RFC 3339); nil where time is not real.
  public var wall: String?
  /// In beats (quarter notes) a minute.
  public var tempo: Double
  public var meter: Meter
  public var framesPerBeat: Int
  /// The program that wrote the stream.
  public var producer: String
  /// Where its events come from: a file, a port.
  public var source: String

  public init(
    epoch: Microseconds? = nil, wall: String? = nil, tempo: Double = 120,
    meter: Meter = .fourFour, framesPerBeat: Int = 4, producer: String, source: String
  ) {
    self.epoch = epoch
    self.wall = wall
    self.tempo = tempo
    self.meter = meter
    self.framesPerBeat = framesPerBeat
    self.producer = producer
    self.source = source
  }
}

/// The value of a `set` record.
public enum SettingValue: Hashable, Sendable {
  case number(Double)
  case text(String)
  case flag(Bool)
}

/// One field of a `settings` record.
public struct Setting: Hashable, Sendable {
  public var name: String
  public var value: SettingValue

  public init(name: String, value: SettingValue) {
    self.name = name
    self.value = value
  }
}

/// One field of a `stat` record.
public struct Counter: Hashable, Sendable {
  public var name: String
  public var value: Double

  public init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}
