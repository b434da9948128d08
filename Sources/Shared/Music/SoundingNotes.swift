/// The notes that sound, or the keys that are down: at most one for each channel and pitch.
/// Velocities are not kept.
///
/// Real-time: no allocation, except in `pitches`.
public struct SoundingNotes: Sendable {
  /// A bit for each pitch, two words for each channel.
  private var words = InlineArray<32, UInt64>(repeating: 0)

  public init() {}

  /// Follows a message: a note-on adds its note, a note-off removes it.
  public mutating func receive(_ message: ChannelMessage) {
    switch message {
    case .noteOn(let note): insert(note)
    case .noteOff(let note): remove(note)
    case .control, .program, .bend: break
    }
  }

  /// Returns false if the note is in the set already.
  @discardableResult
  public mutating func insert(_ note: Note) -> Bool {
    let (word, bit) = Self.place(of: note)
    let isNew = words[word] & bit == 0
    words[word] |= bit
    return isNew
  }

  /// Returns false if the note was not in the set.
  @discardableResult
  public mutating func remove(_ note: Note) -> Bool {
    let (word, bit) = Self.place(of: note)
    let wasThere = words[word] & bit != 0
    words[word] &= ~bit
    return wasThere
  }

  /// The highest pitch that sounds on any channel but that of the drums; nil if none does.
  public var highestMelodicPitch: Pitch? {
    let drums = Self.firstWord(of: .drums)
    var highest = -1
    for word in 0..<32 where words[word] != 0 && word / 2 != drums / 2 {
      highest = max(highest, word % 2 * 64 + 63 - words[word].leadingZeroBitCount)
    }
    return Pitch(highest)
  }

  public func contains(_ note: Note) -> Bool {
    let (word, bit) = Self.place(of: note)
    return words[word] & bit != 0
  }

  /// Removes all notes, or all of one channel. `body` gets each of them as a note-off needs it, in
  /// order of channels, and of pitches from the lowest up.
  public mutating func removeAll(of channel: Channel? = nil, _ body: (Note) -> Void = { _ in }) {
    let range = channel.map { Self.firstWord(of: $0)..<Self.firstWord(of: $0) + 2 } ?? 0..<32
    for word in range {
      while words[word] != 0 {
        let bit = words[word].trailingZeroBitCount
        words[word] &= words[word] - 1
        body(
          Note(
            channel: Channel(word / 2 + 1)!, pitch: Pitch(word % 2 * 64 + bit)!,
            velocity: .unmeasuredRelease))
      }
    }
  }

  public var isEmpty: Bool {
    for word in words.indices where words[word] != 0 { return false }
    return true
  }

  /// The pitches that sound on any channel, from the lowest up.
  public var pitches: [Pitch] {
    var pitches: [Pitch] = []
    for half in 0..<2 {
      var onAnyChannel: UInt64 = 0
      for word in stride(from: half, to: 32, by: 2) { onAnyChannel |= words[word] }
      while onAnyChannel != 0 {
        pitches.append(Pitch(64 * half + onAnyChannel.trailingZeroBitCount)!)
        onAnyChannel &= onAnyChannel - 1
      }
    }
    return pitches
  }

  private static func firstWord(of channel: Channel) -> Int { 2 * (Int(channel.rawValue) - 1) }

  private static func place(of note: Note) -> (word: Int, bit: UInt64) {
    let word = firstWord(of: note.channel) + Int(note.pitch.rawValue) / 64
    return (word, 1 << (UInt64(note.pitch.rawValue) % 64))
  }
}
