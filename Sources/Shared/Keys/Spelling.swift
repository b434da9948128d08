import Chords

// How notes and chords are written in a key. A note has several names, twelve places apart on the
// line of fifths (… Eb Bb F C G D A E B F# C# …). It gets the one among twelve neighbours around
// the key; which neighbours, depends on its function.
extension MusicalKey {
  /// How a chord's root and bass are written.
  public struct ChordNames: Hashable, Sendable {
    /// The root's name.
    public let root: NoteName
    /// The name of the lowest note, which may be the root.
    public let bass: NoteName
  }

  /// The name of a note of a melody: from the flat second to the raised fourth of the key.
  public func name(of note: PitchClass) -> NoteName {
    name(at: place(of: note, from: -5))
  }

  /// The names of a chord's root and bass.
  ///
  /// A chord outside the key is written by what such chords usually do: major ones are borrowed
  /// from minor (bII, bIII, bVI, bVII), and minor, half-diminished and diminished ones lead up
  /// (#iv, #idim7). The bass is named as an interval above the root: E7/G#. No name has two
  /// accidentals, and Cb, E#, Fb and B# are roots only as notes of the key.
  public func names(root: PitchClass, _ quality: ChordQuality, bass: PitchClass) -> ChordNames {
    let name = name(at: place(ofRoot: root, quality.kind))
    return ChordNames(root: name, bass: quality.name(ofBass: bass, above: name))
  }

  /// The chord with its root and bass as they are written in this key.
  public func spelled(_ symbol: ChordSymbol) -> ChordSymbol {
    guard let chord = symbol.chord, let bass = symbol.bass else { return symbol }
    let names = names(root: chord.root.pitchClass, chord.quality, bass: bass)
    return .chord(names.root, chord.quality, bass: names.bass)
  }

  /// The place of a chord's root on the line of fifths, from the tonic.
  func place(ofRoot root: PitchClass, _ kind: ChordKind) -> Int {
    let lowest =
      switch kind {
      case .halfDiminished: isMinor ? -5 : -2
      case .diminished: isMinor ? -4 : -1
      case .minor, .minorSeventh: isMinor ? -6 : -3
      // In minor the major third is the root of a secondary dominant: C#7 in A minor.
      case .major, .majorSeventh, .dominant, .suspended: isMinor ? -7 : -5
      }
    return place(of: root, from: lowest)
  }

  /// The place of a note among the twelve from `lowest` on.
  private func place(of note: PitchClass, from lowest: Int) -> Int {
    let above = 7 * note.semitones(above: tonic.pitchClass) - lowest
    return lowest + above % 12
  }

  /// The name at a place, or one that readers know: Cb, E#, Fb and B# only if they belong to the
  /// key. In minor, the raised seventh does, too.
  private func name(at place: Int) -> NoteName {
    let name = NoteName(fifths: tonic.fifths + place)
    let isOfKey = isMinor ? -4...2 ~= place || place == 5 : -1...5 ~= place
    let isRare = name.isWhiteKeyWithAccidental && !isOfKey
    return isRare || abs(name.accidental) > 1 ? name.enharmonic : name
  }
}

extension NoteName {
  /// Whether it is Cb, E#, Fb or B#.
  fileprivate var isWhiteKeyWithAccidental: Bool {
    switch fifths {
    case -8, -7, 11, 12: true
    default: false
    }
  }
}
