import ArgumentParser
import Chords
import Keys

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
  /// The key that degrees are counted from, and that decides between sharps and flats. Without one,
  /// chords are written in letters.
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
      return text.chord("\((shownKey ?? .cMajor).spelled(parsed.transposed(by: transposition)))")
    }
    return text.chord(notation == .roman ? roman(chord, key) : nashville(chord, key))
  }

  /// The name of a MIDI note number, such as `E4`; C4 is middle C.
  func name(ofPitch number: Int) -> String {
    let moved = number + transposition
    let note = PitchClass(semitonesAboveC: moved)
    let name = (shownKey ?? .cMajor).name(of: note)
    // B# belongs to the octave below C, and Cb to the one above B.
    let octave = Int((Double(moved - name.accidental) / 12).rounded(.down)) - 1
    return "\(name)\(octave)"
  }

  /// The key as the viewer sees it.
  private var shownKey: MusicalKey? { key?.transposed(by: transposition) }

  /// Degrees of the key's own scale, in lower case where the chord's third is minor.
  private func roman(_ chord: Chord, _ key: MusicalKey) -> String {
    let (root, bass) = key.degrees(of: chord, inRelativeMajor: false)
    var numeral = ["I", "II", "III", "IV", "V", "VI", "VII"][root.number - 1]
    var quality = "\(chord.quality)"
    if chord.quality.third == .minor {
      numeral = numeral.lowercased()
      if quality.hasPrefix("m") { quality.removeFirst() }
      if quality.hasPrefix("dim") { quality = "o" + quality.dropFirst(3) }
    }
    // V6 would be the first inversion of V.
    quality.replacePrefix("69", by: "add6add9")
    quality.replacePrefix("6", by: "add6")
    return root.signs + numeral + quality + slash(bass)
  }

  /// Degrees of the major scale that has the key's notes: in A minor the tonic chord is `6-`.
  private func nashville(_ chord: Chord, _ key: MusicalKey) -> String {
    let (root, bass) = key.degrees(of: chord, inRelativeMajor: true)
    var quality = "\(chord.quality)"
    var third = ""
    if quality.hasPrefix("dim") {
      quality = "o" + quality.dropFirst(3)
    } else if chord.quality.third == .minor, quality.hasPrefix("m") {
      quality.removeFirst()
      third = "-"
    }
    // The digit of a sixth or power chord would look like a degree: 56.
    for digits in ["69", "6", "5"] { quality.replacePrefix(digits, by: "(\(digits))") }
    return "\(root.signs)\(root.number)" + third + quality + slash(bass)
  }

  private func slash(_ bass: ScaleDegree?) -> String {
    bass.map { "/\($0.signs)\($0.number)" } ?? ""
  }
}

extension String {
  /// Replaces what the text begins with, if that is `prefix`.
  fileprivate mutating func replacePrefix(_ prefix: String, by other: String) {
    if hasPrefix(prefix) { self = other + dropFirst(prefix.count) }
  }
}
