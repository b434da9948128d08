import Music

/// A Standard MIDI File: tracks of events whose times are in ticks.
public struct MidiFile: Hashable, Sendable {
  public enum Format: UInt16, Hashable, Sendable {
    /// One track that holds everything.
    case singleTrack = 0
    /// Tracks that sound together; by custom the first holds tempo and meter.
    case parallelTracks = 1
  }

  public var format: Format
  /// Ticks in a quarter note, 1 to 32,767.
  public var ticksPerQuarter: Int
  /// The events of each track. They are in order of ticks when they were read, and `encoded()`
  /// orders them.
  public var tracks: [[TimedEvent]]

  public init(format: Format = .parallelTracks, ticksPerQuarter: Int, tracks: [[TimedEvent]]) {
    self.format = format
    self.ticksPerQuarter = ticksPerQuarter
    self.tracks = tracks
  }
}

/// An event and its tick.
public struct TimedEvent: Hashable, Sendable {
  /// Ticks since the beginning of the file.
  public var tick: Int
  public var event: MidiEvent

  public init(tick: Int, event: MidiEvent) {
    self.tick = tick
    self.event = event
  }
}

/// An event of a MIDI file. Events of other kinds are skipped when a file is read.
public enum MidiEvent: Hashable, Sendable {
  case message(ChannelMessage)
  /// 1 to 16,777,215 microseconds.
  case tempo(microsecondsPerQuarter: Int)
  case meter(Meter)
  case keySignature(KeySignature)
  case trackName(String)
  case marker(String)
  case text(String)
}

extension MidiEvent {
  /// The message to a channel, if the event is one.
  public var message: ChannelMessage? {
    if case .message(let message) = self { message } else { nil }
  }
}

/// A key signature: the accidentals at the clef.
public struct KeySignature: Hashable, Sendable {
  /// The number of sharps, -7 to 7; negative for flats.
  public let sharps: Int
  public let isMinor: Bool

  /// Nil unless `sharps` is -7 to 7.
  public init?(sharps: Int, isMinor: Bool) {
    guard -7...7 ~= sharps else { return nil }
    self.sharps = sharps
    self.isMinor = isMinor
  }
}

/// An error in the bytes of a MIDI file, or a kind of file that is not supported.
public struct MidiFileError: Error, Hashable, CustomStringConvertible {
  /// The place of the error, in bytes from the beginning of the file.
  public let offset: Int
  public let expected: String
  public let found: String

  public var description: String { "byte \(offset): expected \(expected), found \(found)" }
}
