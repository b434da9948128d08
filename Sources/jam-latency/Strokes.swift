import Music

/// Makes the messages that are played to the tools: the notes of a scale at irregular times, which do not
/// coincide with any period of the tools.
struct Strokes: Hashable, Sendable {
  private static let scale = [60, 62, 64, 65, 67, 69, 71, 72]
  private static let goldenRatio = 0.618_033_988_749_895

  /// The mean time between two messages. It varies from half to one and a half of it.
  let period: Microseconds
  private var count = 0

  init(period: Microseconds) {
    self.period = period
  }

  /// The next message, a note-on or the note-off for it, and its time after the message before.
  mutating func next() -> (message: ChannelMessage, pause: Microseconds) {
    let index = (count / 2) % Self.scale.count
    let note = Note(
      channel: Channel(1)!, pitch: Pitch(Self.scale[index])!, velocity: Velocity(80)!)
    let turn = Double(count) * Self.goldenRatio
    let share = 0.5 + turn - turn.rounded(.down)
    defer { count += 1 }
    return (
      count.isMultiple(of: 2) ? .noteOn(note) : .noteOff(note),
      Microseconds(Int64(Double(period.rawValue) * share))
    )
  }
}
