import Music

/// What is played to the tools: notes of a scale, one after the other, at moments that keep no step with
/// anything.
struct Strokes: Hashable, Sendable {
  private static let scale = [60, 62, 64, 65, 67, 69, 71, 72]
  private static let goldenRatio = 0.618_033_988_749_895

  /// Between two events, on average: from half of it to half as much again.
  let period: Microseconds
  private var count = 0

  init(period: Microseconds) {
    self.period = period
  }

  /// The beginning of a note, or the end of the one that sounds; and how long after the event before.
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
