import Music

/// An event of the sequencer.
public enum SequencerEvent: Hashable, Sendable {
  /// A note, a controller, a program, a pitch bend.
  case message(ChannelMessage)
  /// A message of a MIDI clock.
  case clock(ClockMessage)
  /// A port came.
  case portStarted(Address)
  /// A port went.
  case portExited(Address)
  case clientExited(Int)
  case connected(from: Address, to: Address)
  case disconnected(from: Address, to: Address)
  /// An event of any other kind.
  case other
}

/// A message of a MIDI clock.
public enum ClockMessage: Hashable, Sendable {
  /// One of 24 in a quarter note.
  case pulse
  /// Start from the beginning, with the next pulse.
  case start
  /// Continue from where it stopped, with the next pulse.
  case `continue`
  case stop
  /// The place from which to continue, in 16th notes from the beginning.
  case songPosition(Int)
}

/// An event that arrived, with its time and its source.
public struct ReceivedEvent: Hashable, Sendable {
  public var event: SequencerEvent
  /// The time of the queue that stamps the port's events; zero if none does.
  public var queueTime: Microseconds
  public var source: Address
  /// The number of the port that it arrived at.
  public var port: Int
}
