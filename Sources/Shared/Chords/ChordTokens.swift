/// A chord as the network's numbers: root, quality and bass.
public struct ChordTokens: Hashable, Sendable {
  /// A pitch class, 0 to 11, or 12 for no chord.
  public var root: Int
  /// An index into the qualities of a `ChordVocabulary`.
  public var quality: Int
  /// The bass in semitones above the root, 0 to 11; 0 in root position.
  public var bass: Int

  /// The tokens with these values, unchecked.
  public init(root: Int, quality: Int, bass: Int = 0) {
    self.root = root
    self.quality = quality
    self.bass = bass
  }

  /// The only tokens that mean no chord.
  public static let noChord = ChordTokens(root: 12, quality: 0)
}
