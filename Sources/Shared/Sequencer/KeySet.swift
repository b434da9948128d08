import Music

/// A set of keys, each of a channel. Real-time: no allocation.
public struct KeySet: Sendable {
  /// A bit for each pitch, two words for each channel.
  private var words = InlineArray<32, UInt64>(repeating: 0)

  public init() {}

  /// False if it is in the set already.
  @discardableResult
  public mutating func insert(_ channel: Channel, _ pitch: Pitch) -> Bool {
    let (word, bit) = Self.place(channel, pitch)
    let isNew = words[word] & bit == 0
    words[word] |= bit
    return isNew
  }

  /// False if it was not in the set.
  @discardableResult
  public mutating func remove(_ channel: Channel, _ pitch: Pitch) -> Bool {
    let (word, bit) = Self.place(channel, pitch)
    let wasThere = words[word] & bit != 0
    words[word] &= ~bit
    return wasThere
  }

  public func contains(_ channel: Channel, _ pitch: Pitch) -> Bool {
    let (word, bit) = Self.place(channel, pitch)
    return words[word] & bit != 0
  }

  /// Takes out all keys, or all of a channel, the lowest first, and says which they were.
  public mutating func removeAll(
    of channel: Channel? = nil, _ body: (Channel, Pitch) -> Void = { _, _ in }
  ) {
    let range = channel.map { 2 * (Int($0.rawValue) - 1)..<2 * Int($0.rawValue) } ?? 0..<32
    for word in range {
      while words[word] != 0 {
        let bit = words[word].trailingZeroBitCount
        words[word] &= words[word] - 1
        body(Channel(word / 2 + 1)!, Pitch(word % 2 * 64 + bit)!)
      }
    }
  }

  public var isEmpty: Bool {
    for word in words.indices where words[word] != 0 { return false }
    return true
  }

  private static func place(_ channel: Channel, _ pitch: Pitch) -> (word: Int, bit: UInt64) {
    let word = 2 * (Int(channel.rawValue) - 1) + Int(pitch.rawValue) / 64
    return (word, 1 << (UInt64(pitch.rawValue) % 64))
  }
}
