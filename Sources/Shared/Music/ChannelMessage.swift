/// A message to one MIDI channel.
public enum ChannelMessage: Hashable, Sendable {
  /// The velocity is at least 1.
  case noteOn(Note)
  case noteOff(Note)
  /// `controller` and `value` are 0 to 127.
  case control(channel: Channel, controller: UInt8, value: UInt8)
  /// `program` is 0 to 127.
  case program(channel: Channel, program: UInt8)
  /// `value` is -8192 to 8191.
  case bend(channel: Channel, value: Int)

  /// The values of a pitch bend.
  public static let bends: ClosedRange<Int> = -8192...8191

  public var channel: Channel {
    switch self {
    case .noteOn(let note), .noteOff(let note): note.channel
    case .control(let channel, _, _), .program(let channel, _), .bend(let channel, _): channel
    }
  }
}
