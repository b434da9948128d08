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
  /// A note, a controller, a program, a pitch bend.
  case message(ChannelMessage)
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
  /// The MIDI message, if the record is one.
  public var message: ChannelMessage? {
    if case .message(let message) = self { message } else { nil }
  }
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
