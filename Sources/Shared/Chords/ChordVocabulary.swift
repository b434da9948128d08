/// The chord qualities that a model knows: converts between chord symbols and chord tokens.
///
/// The qualities' names come with the model, in the order of their indices in its output.
public struct ChordVocabulary: Hashable, Sendable {
  /// In the order of their indices.
  public let qualities: [ChordQuality]
  private let intervals: [PitchClassSet]
  private let indices: [ChordQuality: Int]
  private let texts: [String]
  /// The texts of all notes, in the order of the line of fifths, from Fbb on.
  private static let notes = NoteName.places.map { "\(NoteName(fifths: $0))" }

  /// Throws unless every name is a quality, there is one, and all differ.
  public init(_ names: some Sequence<String>) throws(ChordVocabularyError) {
    var qualities: [ChordQuality] = []
    var indices: [ChordQuality: Int] = [:]
    for name in names {
      let quality: ChordQuality
      do { quality = try ChordQuality(name) } catch { throw .unknown(error) }
      guard indices.updateValue(qualities.count, forKey: quality) == nil else {
        throw .repeated(quality)
      }
      qualities.append(quality)
    }
    guard !qualities.isEmpty else { throw .empty }
    self.qualities = qualities
    self.indices = indices
    intervals = qualities.map(\.intervals)
    texts = qualities.map(\.description)
  }

  /// The canonical names, in the order of their indices.
  public var names: [String] { texts }

  /// The tokens of a symbol. A quality that the vocabulary lacks becomes the nearest one.
  public func tokens(of symbol: ChordSymbol) -> ChordTokens {
    guard case .chord(let chord) = symbol, let bass = symbol.bass else { return .noChord }
    let root = chord.root.pitchClass
    return ChordTokens(
      root: Int(root.rawValue),
      quality: indices[chord.quality] ?? nearestIndex(to: chord.quality.intervals),
      bass: bass.semitones(above: root))
  }

  /// The symbol of some tokens, with the usual note names. The tokens must be of this vocabulary.
  public func symbol(for tokens: ChordTokens) -> ChordSymbol {
    precondition(0...12 ~= tokens.root && 0..<12 ~= tokens.bass, "\(tokens) is no chord")
    if tokens.root == ChordTokens.noChord.root { return .noChord }
    let root = PitchClass(semitonesAboveC: tokens.root)
    return .chord(
      NoteName(root), qualities[tokens.quality],
      bass: NoteName(root.transposed(by: tokens.bass)))
  }

  /// The symbol of some tokens, as text, with these names of its root and its bass.
  ///
  /// Real-time: a text of 15 bytes or fewer, which nearly all symbols have, needs no allocation.
  public func text(for tokens: ChordTokens, root: NoteName, bass: NoteName) -> String {
    guard tokens.root != ChordTokens.noChord.root else { return "N" }
    let (quality, isInverted) = (texts[tokens.quality], root != bass)
    let root = Self.notes[root.fifths - NoteName.places.lowerBound]
    let bass = Self.notes[bass.fifths - NoteName.places.lowerBound]
    let count = root.utf8.count + quality.utf8.count + (isInverted ? 1 + bass.utf8.count : 0)
    return String(unsafeUninitializedCapacity: count) { bytes in
      var end = 0
      func put(_ text: String) {
        for byte in text.utf8 {
          bytes[end] = byte
          end += 1
        }
      }
      put(root)
      put(quality)
      if isInverted {
        put("/")
        put(bass)
      }
      return end
    }
  }

  /// The root and the kind of a chord; nil for no chord.
  public func rootAndKind(of tokens: ChordTokens) -> (root: PitchClass, kind: ChordKind)? {
    guard tokens.root != ChordTokens.noChord.root else { return nil }
    return (PitchClass(semitonesAboveC: tokens.root), qualities[tokens.quality].kind)
  }

  /// The pitch classes of a chord, its bass included; none for no chord.
  public func pitchClasses(of tokens: ChordTokens) -> PitchClassSet {
    guard tokens.root != ChordTokens.noChord.root else { return [] }
    let bass = PitchClassSet(PitchClass(semitonesAboveC: tokens.bass))
    return intervals[tokens.quality].union(bass).transposed(by: tokens.root)
  }

  /// The quality with the most tones in common: the largest share, of the tones in either, of those
  /// in both (their Jaccard similarity). Of equals, the first.
  private func nearestIndex(to wanted: PitchClassSet) -> Int {
    var nearest = (index: 0, common: 0, either: 1)
    for (index, own) in intervals.enumerated() {
      let common = own.intersection(wanted).count
      let either = own.union(wanted).count
      // common / either > nearest.common / nearest.either, without rounding.
      if common * nearest.either > nearest.common * either { nearest = (index, common, either) }
    }
    return nearest.index
  }
}

/// A list of names that is no vocabulary.
public enum ChordVocabularyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No name at all.
  case empty
  /// A name that is no quality.
  case unknown(ChordSymbolError)
  /// Two names of one quality: the second could never be meant.
  case repeated(ChordQuality)

  public var description: String {
    switch self {
    case .empty: "expected at least one chord quality, found none"
    case .unknown(let error): error.description
    case .repeated(let quality):
      "expected different chord qualities, found \"\(quality)\" twice"
    }
  }
}
