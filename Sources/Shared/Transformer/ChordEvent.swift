import Chords

/// What the harmony does in a frame: the chord that sounds, and whether it begins there.
public struct ChordEvent: Hashable, Sendable {
  public var chord: ChordTokens
  /// Whether the chord begins in this frame; else it goes on from the frame before.
  public var isOnset: Bool

  public init(chord: ChordTokens = .noChord, isOnset: Bool = false) {
    self.chord = chord
    self.isOnset = isOnset
  }
}
