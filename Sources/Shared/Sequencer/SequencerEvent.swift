import Music

/// Something that comes from the sequencer.
public enum SequencerEvent: Hashable, Sendable {
  /// A note, a controller, a program, a bend.
  case message(ChannelMessage)
  /// What a MIDI clock says.
  case clock(ClockMessage)
  /// A port came.
  case portStarted(Address)
  /// A port went.
  case portExited(Address)
  case clientExited(Int)
  case connected(from: Address, to: Address)
  case disconnected(from: Address, to: Address)
  /// What a jam has no use for.
  case other
}

/// What a MIDI clock says.
public enum ClockMessage: Hashable, Sendable {
  /// One of 24 in a quarter note.
  case pulse
  /// From the beginning, with the next pulse.
  case start
  /// From where it stopped, with the next pulse.
  case `continue`
  case stop
  /// Go on from a place, in 16th notes from the beginning.
  case songPosition(Int)
}

/// An event as it arrived.
public struct ReceivedEvent: Hashable, Sendable {
  public var event: SequencerEvent
  /// When, by the queue that stamps what arrives at the port; zero where none does.
  public var queueTime: Microseconds
  public var source: Address
  /// The number of the port that it arrived at.
  public var port: Int
}
