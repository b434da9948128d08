import Chords
import CommandSupport
import Music

/// A range of pitches as an option gives it: `E3-D5` or `52-74`. C4 is middle C, 60.
struct Register: Hashable {
  let pitches: ClosedRange<Pitch>

  /// Throws unless the range spans an octave or more: then it has every pitch class.
  init(_ text: String) throws(Failure) {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let low = Self.pitch(ends[0]), let high = Self.pitch(ends[1]),
      low.rawValue + 12 <= high.rawValue
    else {
      throw .usage("expected an octave or more, such as E3-D5 or 52-74")
    }
    pitches = low...high
  }

  private static func pitch(_ text: Substring) -> Pitch? {
    if let number = Int(text) { return Pitch(number) }
    let name = text.prefix { !$0.isNumber }
    guard let letter = NoteName.Letter(rawValue: String(name.prefix(1)).uppercased()),
      let octave = Int(text.dropFirst(name.count))
    else { return nil }
    let accidentals = name.dropFirst()
    let shift: Int
    switch accidentals {
    case "": shift = 0
    case "#": shift = 1
    case "b": shift = -1
    default: return nil
    }
    guard 0...9 ~= octave else { return nil }
    return Pitch(12 * (octave + 1) + Int(letter.pitchClass.rawValue) + shift)
  }
}
