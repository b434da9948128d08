/// A key that is pressed or released: where a note begins or ends.
public struct Note: Hashable, Sendable {
  public var channel: Channel
  public var pitch: Pitch
  /// How fast the key is pressed, or released if the note ends.
  public var velocity: Velocity

  public init(channel: Channel, pitch: Pitch, velocity: Velocity) {
    self.channel = channel
    self.pitch = pitch
    self.velocity = velocity
  }

  /// The note of the note-off that ends this one: the same channel and pitch, and the default
  /// release velocity.
  public var released: Note { Note(channel: channel, pitch: pitch, velocity: .unmeasuredRelease) }
}
