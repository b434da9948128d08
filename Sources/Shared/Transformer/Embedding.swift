import Chords

extension Network {
  /// x = the sum of the embeddings of a frame's input, of shape (D).
  func embed(_ input: FrameInput, into x: UnsafeMutablePointer<Float>) {
    let tables = weights.tables
    let place = input.place
    let phrase = (place.bar % c.barsPerPhrase + c.barsPerPhrase) % c.barsPerPhrase
    x.update(from: tables.place.row(min(place.place, c.longestBar - 1)), count: c.width)
    add(tables.left.row(min(place.left, c.longestBar - 1)), to: x)
    add(tables.bar.row(phrase), to: x)
    add(tables.compound.row(place.isCompound ? 1 : 0), to: x)
    let (kind, pitch) = melodyRows(input.before)
    add(tables.melodyKind.row(kind.rawValue), to: x)
    add(tables.pitch.row(pitch), to: x)
    if let before = input.before, !before.isChordMasked {
      addChord(before.chord.chord, kind: before.chord.isOnset ? .onset : .hold, to: x)
    } else {
      addChord(.noChord, kind: .start, to: x)
    }
  }

  private func melodyRows(_ before: FrameInput.Events?) -> (MelodyKind, pitch: Int) {
    let noPitch = 128
    guard let before else { return (.start, noPitch) }
    switch (before.melody, before.state) {
    case (.onset(let pitch), _): return (.onset, Int(pitch.rawValue))
    case (.hold, .sounding(let pitch)): return (.hold, Int(pitch.rawValue))
    default: return (.rest, noPitch)
    }
  }

  /// x += the embeddings of a chord and of what it does.
  func addChord(_ chord: ChordTokens, kind: ChordKind, to x: UnsafeMutablePointer<Float>) {
    let tables = weights.tables
    add(tables.chordKind.row(kind.rawValue), to: x)
    add(tables.root.row(chord.root), to: x)
    add(tables.quality.row(chord.quality), to: x)
    add(tables.bass.row(chord.bass), to: x)
  }

  /// x += a row of a table.
  func add(_ row: UnsafePointer<Float>, to x: UnsafeMutablePointer<Float>) {
    backend.add(x, row, c.width)
  }
}
