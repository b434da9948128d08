/// A key that is pressed or released: where a note begins or ends.
public struct Note: Hashable, Sendable {
  public var channel: Channel
  public var pitch: Pitch
  /// Of the key that is pressed, or of its release.
  public var velocity: Velocity

  public init(channel: Channel, pitch: Pitch, velocity: Velocity) {
    self.channel = channel
    self.pitch = pitch
    self.velocity = velocity
  }

  /// The same note, as the note-off that ends it has it.
  public var released: Note { Note(channel: channel, pitch: pitch, velocity: .unmeasuredRelease) }
}
