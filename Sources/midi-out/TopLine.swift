import Music

/// The highest notes of what the person plays: the melody, as one hears it.
///
/// Real-time: allocates only when it is made.
struct TopLine: Sendable {
  /// How many onsets are remembered.
  private static let length = 32

  private var sounding = SoundingNotes()
  /// The highest note at each of the last onsets, in order.
  private var onsets: [(frame: Frame, pitch: Pitch)] = []

  init() { onsets.reserveCapacity(Self.length) }

  /// Follows a message in a frame.
  mutating func receive(_ message: ChannelMessage, at frame: Frame) {
    sounding.receive(message)
    guard case .noteOn = message, let top = sounding.highestMelodicPitch else { return }
    if onsets.count == Self.length { onsets.removeFirst() }
    onsets.append((frame, top))
  }

  /// The lowest pitch of the line since a frame, with the one that sounded then; nil if there was
  /// none.
  func lowest(since frame: Frame) -> Pitch? {
    let first = onsets.lastIndex { $0.frame <= frame } ?? 0
    return onsets[first...].map(\.pitch).min()
  }
}
