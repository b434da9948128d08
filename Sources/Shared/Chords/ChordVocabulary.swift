/// The chords as a model spells them: root, quality and bass, each a number.
///
/// The names of its qualities come with the model, in the order of their indices in its output.
public struct ChordVocabulary: Hashable, Sendable {
  /// A chord as a model's output names it.
  public struct Spelling: Hashable, Sendable {
    /// A pitch class 0 to 11, or 12 for no chord.
    public var root: Int
    /// An index into the vocabulary's qualities.
    public var quality: Int
    /// Semitones above the root, 0 to 11.
    public var bass: Int

    /// Of these numbers, as they are; root position where no bass is given.
    public init(root: Int, quality: Int, bass: Int = 0) {
      self.root = root
      self.quality = quality
      self.bass = bass
    }

    /// The one spelling of no chord.
    public static let noChord = Spelling(root: 12, quality: 0)
  }

  /// In the order of their indices.
  public let qualities: [ChordQuality]
  private let intervals: [PitchClassSet]
  private let indices: [ChordQuality: Int]
  private let texts: [String]
  private static let notes = (0..<12).map { "\(NoteName(PitchClass(semitonesAboveC: $0)))" }

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

  /// How a model is told of `symbol`: by its own quality, else by the nearest that the model knows.
  public func spelling(of symbol: ChordSymbol) -> Spelling {
    guard case .chord(let chord) = symbol, let bass = symbol.bass else { return .noChord }
    let root = chord.root.pitchClass
    return Spelling(
      root: Int(root.rawValue),
      quality: indices[chord.quality] ?? nearestIndex(to: chord.quality.intervals),
      bass: bass.semitones(above: root))
  }

  /// What a model means, its notes by their usual names. `spelling` is one of this vocabulary.
  public func symbol(for spelling: Spelling) -> ChordSymbol {
    precondition(0...12 ~= spelling.root && 0..<12 ~= spelling.bass, "\(spelling) is no chord")
    if spelling.root == Spelling.noChord.root { return .noChord }
    let root = PitchClass(semitonesAboveC: spelling.root)
    return .chord(
      NoteName(root), qualities[spelling.quality],
      bass: NoteName(root.transposed(by: spelling.bass)))
  }

  /// The symbol of what a model means, as text.
  ///
  /// Real-time: a text of 15 bytes or fewer, as nearly all have, takes no allocation.
  public func text(for spelling: Spelling) -> String {
    precondition(0...12 ~= spelling.root && 0..<12 ~= spelling.bass, "\(spelling) is no chord")
    guard spelling.root != Spelling.noChord.root else { return "N" }
    let (root, quality) = (Self.notes[spelling.root], texts[spelling.quality])
    let bass = Self.notes[(spelling.root + spelling.bass) % 12]
    let isInverted = spelling.bass != 0
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

  /// The chord's notes, that of its bass among them; none for no chord.
  public func pitchClasses(of spelling: Spelling) -> PitchClassSet {
    guard spelling.root != Spelling.noChord.root else { return [] }
    let bass = PitchClassSet(PitchClass(semitonesAboveC: spelling.bass))
    return intervals[spelling.quality].union(bass).transposed(by: spelling.root)
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
