import Chords

extension ChordVocabulary {
  /// The symbol of some tokens, as text, with its root and bass as they are written in a key. The
  /// tokens must be of this vocabulary.
  ///
  /// Real-time: a text of 15 bytes or fewer, which nearly all symbols have, needs no allocation.
  public func text(for tokens: ChordTokens, in key: MusicalKey) -> String {
    precondition(0...12 ~= tokens.root && 0..<12 ~= tokens.bass, "\(tokens) is no chord")
    let root = PitchClass(semitonesAboveC: tokens.root)
    let names = key.names(
      root: root, qualities[tokens.quality], bass: root.transposed(by: tokens.bass))
    return text(for: tokens, root: names.root, bass: names.bass)
  }
}
