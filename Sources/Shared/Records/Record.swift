import Music

/// A record of the stream: an event and its time.
public struct Record: Hashable, Sendable {
  public var time: Microseconds
  public var event: Event

  public init(time: Microseconds, event: Event) {
    self.time = time
    self.event = event
  }
}

/// The event of a record. jam-stream(5) describes the fields.
public enum Event: Hashable, Sendable {
  case header(Header)
  /// `note_on`, `note_off`, `control`, `program` or `bend`.
  case message(ChannelMessage)
  case tick(Frame)
  /// A tempo from a frame on, in quarter notes a minute.
  case tempo(frame: Frame, beatsPerMinute: Double)
  /// A meter from a frame on, where a bar begins.
  case meter(frame: Frame, Meter)
  case set(name: String, value: SettingValue)
  case settings([Setting])
  case plan(Plan)
  case marker(text: String)
  case stat([Counter])
  case end(reason: String)
  /// A record of a type that this version does not know. Tools pass it on unchanged.
  case unknown(type: String)
}

extension Event {
  /// The record's type, as the stream has it: `note_on`.
  public var typeName: String {
    switch self {
    case .header: "header"
    case .message(.noteOn): "note_on"
    case .message(.noteOff): "note_off"
    case .message(.control): "control"
    case .message(.program): "program"
    case .message(.bend): "bend"
    case .tick: "tick"
    case .tempo: "tempo"
    case .meter: "meter"
    case .set: "set"
    case .settings: "settings"
    case .plan: "plan"
    case .marker: "marker"
    case .stat: "stat"
    case .end: "end"
    case .unknown(let type): type
    }
  }

  /// The MIDI message, if the record is one.
  public var message: ChannelMessage? {
    if case .message(let message) = self { message } else { nil }
  }
}

/// The first record of a stream.
public struct Header: Hashable, Sendable {
  /// CLOCK_MONOTONIC at time 0; nil if the stream was not made in real time.
  public var epoch: Microseconds?
  /// The time of day at time 0 (RFC 3339); nil if the stream was not made in real time.
  public var wall: String?
  /// In beats (quarter notes) a minute.
  public var tempo: Double
  public var meter: Meter
  public var framesPerBeat: Int
  /// The program that wrote the stream.
  public var producer: String
  /// The source of its events: a file, a port.
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

/// The value of a setting, as in a `set` record.
public enum SettingValue: Hashable, Sendable {
  case number(Double)
  case text(String)
  case flag(Bool)
}

/// A setting of a `settings` record.
public struct Setting: Hashable, Sendable {
  public var name: String
  public var value: SettingValue

  public init(name: String, value: SettingValue) {
    self.name = name
    self.value = value
  }
}

/// A counter of a `stat` record.
public struct Counter: Hashable, Sendable {
  public var name: String
  public var value: Double

  public init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}
