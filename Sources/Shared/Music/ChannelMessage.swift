/// A MIDI message to one channel. Records, MIDI files, the sequencer and the synthesiser all use
/// it for these messages.
public enum ChannelMessage: Hashable, Sendable {
  /// The velocity is at least 1.
  case noteOn(Note)
  case noteOff(Note)
  /// `controller` and `value` are 0 to 127.
  case control(channel: Channel, controller: UInt8, value: UInt8)
  /// `program` is 0 to 127.
  case program(channel: Channel, program: UInt8)
  /// `value` is in `bends`.
  case bend(channel: Channel, value: Int)

  /// The values of a pitch bend: -8192 to 8191.
  public static let bends: ClosedRange<Int> = -8192...8191

  public var channel: Channel {
    switch self {
    case .noteOn(let note), .noteOff(let note): note.channel
    case .control(let channel, _, _), .program(let channel, _), .bend(let channel, _): channel
    }
  }

  /// What the message sets on its channel; nil for notes.
  public var parameter: ChannelParameter? {
    switch self {
    case .noteOn, .noteOff: nil
    case .control(let channel, let controller, _): .controller(channel, controller)
    case .program(let channel, _): .program(channel)
    case .bend(let channel, _): .bend(channel)
    }
  }
}

/// Something on a channel that keeps its value until the next message about it.
public enum ChannelParameter: Hashable, Sendable {
  case controller(Channel, UInt8)
  case program(Channel)
  case bend(Channel)
}
