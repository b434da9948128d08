/// A chord by its name, or no chord: `Am7`, `Bb/D`, `N`.
public enum ChordSymbol: Hashable, Sendable {
  /// Silence of the harmony: `N`.
  case noChord
  /// Something sounds.
  case chord(Chord)

  /// A chord of `quality` on `root`, over `bass` where that is another note.
  public static func chord(
    _ root: NoteName, _ quality: ChordQuality, bass: NoteName? = nil
  ) -> ChordSymbol {
    .chord(Chord(root: root, quality: quality, bass: bass))
  }

  /// Reads a symbol as musicians type it; see jam-stream(5) for the grammar.
  public init(_ text: String) throws(ChordSymbolError) {
    let letters = text.unicodeScalars.filter { $0 != "." && $0 != " " }
    if ["N", "NC"].contains(String(String.UnicodeScalarView(letters)).uppercased()) {
      self = .noChord
      return
    }
    do {
      var reader = try ChordReader(text)
      let root = try reader.note()
      let quality = try reader.quality()
      let bass = try reader.bass(above: root)
      try reader.finish()
      self = .chord(root, quality, bass: bass)
    } catch {
      throw .symbol(text)
    }
  }

  /// The chord, unless this is no chord.
  public var chord: Chord? {
    if case .chord(let chord) = self { chord } else { nil }
  }

  /// The root's pitch class; nil for no chord.
  public var root: PitchClass? { chord?.root.pitchClass }

  /// The lowest note's pitch class: the slash bass, else the root; nil for no chord.
  public var bass: PitchClass? { chord.map { ($0.bass ?? $0.root).pitchClass } }

  /// Everything that sounds, the bass included; empty for no chord.
  public var pitchClasses: PitchClassSet { chord?.pitchClasses ?? [] }

  /// The same chord, its notes by their usual names. Chords that only differ in spelling become
  /// equal.
  public var withUsualNames: ChordSymbol {
    guard let chord else { return .noChord }
    return .chord(
      NoteName(chord.root.pitchClass), chord.quality,
      bass: chord.bass.map { NoteName($0.pitchClass) })
  }

  /// Whether two texts mean the same chord, however it is spelled: C#m7 and Dbmin7. Texts that are
  /// no symbols are the same only if they are equal.
  public static func areSame(_ one: String, _ other: String) -> Bool {
    if one == other { return true }
    guard let one = try? ChordSymbol(one), let other = try? ChordSymbol(other) else { return false }
    return one.withUsualNames == other.withUsualNames
  }

  /// The symbol so many semitones above, its notes by their usual names; unchanged for whole
  /// octaves.
  public func transposed(by semitones: Int) -> ChordSymbol {
    guard let chord else { return .noChord }
    return .chord(
      chord.root.transposed(by: semitones), chord.quality,
      bass: chord.bass?.transposed(by: semitones))
  }
}

extension ChordSymbol: CustomStringConvertible {
  /// The canonical text: reading it gives the same symbol.
  public var description: String {
    guard let chord else { return "N" }
    let bass = chord.bass.map { "/\($0)" } ?? ""
    return "\(chord.root)\(chord.quality)\(bass)"
  }
}

/// A quality on a root, over a bass.
public struct Chord: Hashable, Sendable {
  /// The note on which the quality is built.
  public let root: NoteName
  /// What is built on the root.
  public let quality: ChordQuality
  /// The slash bass; nil where the root is the bass.
  public let bass: NoteName?

  /// A `bass` with the root's name is the root, so it is dropped.
  public init(root: NoteName, quality: ChordQuality, bass: NoteName? = nil) {
    self.root = root
    self.quality = quality
    self.bass = bass == root ? nil : bass
  }

  /// Everything that sounds, the bass included.
  public var pitchClasses: PitchClassSet {
    let upper = quality.intervals.transposed(by: Int(root.pitchClass.rawValue))
    return upper.union(PitchClassSet((bass ?? root).pitchClass))
  }
}

extension ChordQuality {
  /// Reads what follows the root in a symbol: `m7`, `7(b9)`, nothing for a major triad.
  public init(_ text: String) throws(ChordSymbolError) {
    do {
      var reader = try ChordReader(text)
      self = try reader.quality()
      try reader.finish()
    } catch {
      throw .quality(text)
    }
  }
}
