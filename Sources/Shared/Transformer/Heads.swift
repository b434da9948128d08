import Chords

/// The heads: logits of what may happen in the frame that a row read last.
///
/// Each gives its logits to a closure, which may overwrite them. They are gone afterwards; asking
/// another head within the closure traps.
extension Network {
  /// Whether a chord begins in the row's frame: logits of no and yes.
  public func withChordOnsetLogits<Result>(
    row: Row, _ body: (inout MutableSpan<Float>) -> Result
  ) -> Result {
    startHead(row)
    let kinds = weights.tables.chordKind
    let table = Matrix(elements: kinds.elements, rows: 2, columns: kinds.columns)
    return withLogits(weights.chordOnsetHead, table, body)
  }

  /// The root of a chord that begins in the row's frame: logits of 12 pitch classes and no chord.
  public func withRootLogits<Result>(
    row: Row, _ body: (inout MutableSpan<Float>) -> Result
  ) -> Result {
    startHead(row)
    return withLogits(weights.rootHead, weights.tables.root, body)
  }

  /// The quality of a chord on `root` that begins in the row's frame: logits of the model's
  /// qualities.
  public func withQualityLogits<Result>(
    row: Row, root: Int, _ body: (inout MutableSpan<Float>) -> Result
  ) -> Result {
    startHead(row)
    add(weights.tables.root.row(root), to: h.start)
    return withLogits(weights.qualityHead, weights.tables.quality, body)
  }

  /// The bass of a chord that begins in the row's frame: logits of 0 to 11 semitones above the
  /// root.
  public func withBassLogits<Result>(
    row: Row, root: Int, quality: Int, _ body: (inout MutableSpan<Float>) -> Result
  ) -> Result {
    startHead(row)
    add(weights.tables.root.row(root), to: h.start)
    add(weights.tables.quality.row(quality), to: h.start)
    return withLogits(weights.bassHead, weights.tables.bass, body)
  }

  /// What the melody does in the row's frame, given the frame's chord: logits of rest, hold and the
  /// onsets of 128 pitches.
  public func withMelodyLogits<Result>(
    row: Row, chord: ChordEvent, _ body: (inout MutableSpan<Float>) -> Result
  ) -> Result {
    startHead(row)
    addChord(chord.chord, kind: chord.isOnset ? .onset : .hold, to: h.start)
    return withLogits(weights.melodyHead, weights.tables.melodyEvents, body)
  }

  /// h = the row's state, to which the caller adds what is known of the frame.
  private func startHead(_ row: Row) {
    h.start.update(from: state(row: row), count: c.width)
  }

  /// logits = table gelu(W norm(h)) + bias.
  private func withLogits<Result>(
    _ head: Weights.Head, _ table: Matrix, _ body: (inout MutableSpan<Float>) -> Result
  ) -> Result {
    let (hidden, normalised) = (wide.start, attention.start)
    backend.rmsNorm(normalised, h.start, head.norm.elements, 1, c.width, Float(c.normEpsilon))
    let activations = quantised.activations(batch: 1, columns: c.width)
    backend.quantise(activations, normalised)
    backend.multiply(hidden, head.hidden, activations)
    backend.gelu(hidden, c.width)
    // Swift's exclusivity check makes the closure the only one that has the logits.
    return logits.withUnsafeMutableBufferPointer { logits in
      backend.multiplyFloats(logits.baseAddress, table.elements, hidden, table.rows, c.width)
      backend.add(logits.baseAddress, head.bias.elements, table.rows)
      var span = MutableSpan(_unsafeElements: logits[..<table.rows])
      return body(&span)
    }
  }
}
