extension ChordQuality: CustomStringConvertible {
  /// The canonical text: reading it gives the same quality.
  public var description: String {
    if self == ChordQuality(third: .major, seventh: .minor, tones: .altered) { return "7alt" }
    let triad = writtenTriad
    let number = writtenNumber
    var text = triad.text
    if seventh == .major { text += triad.text.isEmpty ? "maj" : "Maj" }
    text += number.text
    if third == .suspendedSecond { text += "sus2" }
    if third == .suspendedFourth { text += "sus4" }
    text += writtenAlterations(apartFrom: triad.tones, after: text)
    text += writtenAdditions(apartFrom: [triad.tones, number.tones])
    if third == .absent, triad.text != "5" { text += "no3" }
    if tones.isDisjoint(with: .fifths) { text += "no5" }
    return text
  }

  /// What the symbol begins with, and the altered fifth that it implies.
  private var writtenTriad: (text: String, tones: Tones) {
    let alteredFifths = tones.intersection([.flatFifth, .sharpFifth])
    switch (third, seventh, alteredFifths) {
    case (.minor, .absent, .flatFifth), (.minor, .diminished, .flatFifth):
      return ("dim", .flatFifth)
    case (.major, .absent, .sharpFifth): return ("aug", .sharpFifth)
    case (.minor, _, _): return ("m", [])
    case (.absent, .absent, _): return ("5", [])
    default: return ("", [])
    }
  }

  /// The number (`7`, `13`), and the natural tones that it implies.
  private var writtenNumber: (text: String, tones: Tones) {
    let ninths = tones.intersection(.ninths)
    if seventh == .absent { return ("", []) }
    if seventh == .sixth { return ninths == .ninth ? ("69", .ninth) : ("6", []) }
    // An altered ninth takes the place of the one that 11 and 13 imply.
    let implied: Tones = ninths == .ninth ? .ninth : []
    if !ninths.isEmpty, tones.intersection(.thirteenths) == .thirteenth {
      return ("13", implied.union(.thirteenth))
    }
    if !ninths.isEmpty, tones.intersection(.elevenths) == .eleventh {
      return ("11", implied.union(.eleventh))
    }
    return implied.isEmpty ? ("7", []) : ("9", implied)
  }

  private func writtenAlterations(apartFrom written: Tones, after text: String) -> String {
    let rest = tones.subtracting(written)
    var fifths = ""
    if rest.contains(.flatFifth) { fifths += "b5" }
    if rest.contains(.sharpFifth) { fifths += "#5" }
    // Without a text before it, the flat of b5 would be taken for the root's.
    if text.isEmpty, !fifths.isEmpty { fifths = "(\(fifths))" }
    // Only a seventh or sixth chord is altered; a triad has tones added.
    let add = seventh == .absent ? "add" : ""
    let others: [(Tones, String)] = [
      (.flatNinth, "b9"), (.sharpNinth, "#9"), (.sharpEleventh, "#11"), (.flatThirteenth, "b13"),
    ]
    return others.reduce(fifths) { text, tone in
      rest.contains(tone.0) ? text + add + tone.1 : text
    }
  }

  private func writtenAdditions(apartFrom written: [Tones]) -> String {
    var rest = tones.subtracting(written.reduce([]) { $0.union($1) })
    // The perfect fifth goes without saying where no other replaces it.
    if tones.isDisjoint(with: [.flatFifth, .sharpFifth]) { rest.remove(.fifth) }
    let naturals: [(Tones, String)] = [
      (.fifth, "add5"), (.ninth, "add9"), (.eleventh, "add11"), (.thirteenth, "add13"),
    ]
    return naturals.reduce("") { text, tone in rest.contains(tone.0) ? text + tone.1 : text }
  }
}
