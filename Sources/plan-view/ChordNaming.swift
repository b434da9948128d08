import ArgumentParser
import Chords

/// How chord names are written.
enum Notation: String, ExpressibleByArgument, CaseIterable {
  /// `Am7`.
  case letters
  /// `ii7` in G major.
  case roman
  /// `2-7` in G major.
  case nashville
}

/// Writes chords and notes as the viewer wants to read them.
struct ChordNaming {
  var notation = Notation.letters
  /// The key that degrees are counted from. Without one, chords are written in letters.
  var key: MusicalKey?
  /// Semitones up, for a transposing instrument.
  var transposition = 0
  var text = DisplayText()

  /// The name of a chord. `symbol` comes from the stream and may be any text.
  func name(_ symbol: String) -> String {
    let isAsItStands = transposition.isMultiple(of: 12) && (notation == .letters || key == nil)
    guard !isAsItStands, let parsed = try? ChordSymbol(symbol), let chord = parsed.chord else {
      return text.chord(symbol)
    }
    guard let key, notation != .letters else {
      return text.chord("\(parsed.transposed(by: transposition))")
    }
    return text.chord(notation == .roman ? roman(chord, key) : nashville(chord, key))
  }

  /// The name of a MIDI note number, such as `E4`; C4 is middle C.
  func name(ofPitch number: Int) -> String {
    let moved = number + transposition
    let octave = Int((Double(moved) / 12).rounded(.down)) - 1
    return "\(NoteName(PitchClass(semitonesAboveC: moved)))\(octave)"
  }

  /// Degrees of the key's own scale, in lower case where the chord's third is minor.
  private func roman(_ chord: Chord, _ key: MusicalKey) -> String {
    let numerals =
      key.isMinor
      ? ["I", "bII", "II", "III", "#III", "IV", "#IV", "V", "VI", "#VI", "VII", "#VII"]
      : ["I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII"]
    var numeral = numerals[chord.root.pitchClass.semitones(above: key.tonic)]
    var quality = "\(chord.quality)"
    if chord.quality.third == .minor {
      numeral = String(numeral.map { $0 == "b" || $0 == "#" ? $0 : Character($0.lowercased()) })
      if quality.hasPrefix("m") { quality.removeFirst() }
      if quality.hasPrefix("dim") { quality = "o" + quality.dropFirst(3) }
    }
    return numeral + quality + bass(chord, from: key.tonic)
  }

  /// Degrees of the major scale that has the key's notes: in A minor the tonic chord is `6-`.
  private func nashville(_ chord: Chord, _ key: MusicalKey) -> String {
    var quality = "\(chord.quality)"
    if quality.hasPrefix("dim") {
      quality = "o" + quality.dropFirst(3)
    } else if chord.quality.third == .minor, quality.hasPrefix("m") {
      quality = "-" + quality.dropFirst()
    }
    return degree(chord.root, from: key.relativeMajor) + quality
      + bass(chord, from: key.relativeMajor)
  }

  private func bass(_ chord: Chord, from tonic: PitchClass) -> String {
    chord.bass.map { "/" + degree($0, from: tonic) } ?? ""
  }

  private func degree(_ note: NoteName, from tonic: PitchClass) -> String {
    let degrees = ["1", "b2", "2", "b3", "3", "4", "#4", "5", "b6", "6", "b7", "7"]
    return degrees[note.pitchClass.semitones(above: tonic)]
  }
}
