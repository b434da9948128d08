import Music

/// The notes that are held, on any channel.
struct SoundingNotes: Hashable {
  /// For each pitch a bit for each channel, because several channels may hold the same pitch.
  private var channels = [UInt16](repeating: 0, count: 128)

  mutating func insert(_ note: Note) {
    channels[Int(note.pitch.rawValue)] |= 1 << UInt16(note.channel.rawValue - 1)
  }

  mutating func remove(_ note: Note) {
    channels[Int(note.pitch.rawValue)] &= ~(1 << UInt16(note.channel.rawValue - 1))
  }

  /// The pitches that sound, from low to high.
  var pitches: [Pitch] { channels.indices.filter { channels[$0] != 0 }.compactMap { Pitch($0) } }
}
