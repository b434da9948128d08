/// Draws a row: the melody, when plans were revised, and the chords that were played.
extension PicturePainter {
  mutating func paint(_ index: Int) {
    let row = layout.rows[index]
    let top = layout.top(ofRow: index)
    svg.begin("g", ["transform": "translate(0 \(coordinate(top)))"])
    let frames = row.frames
    let regions = layout.hasPlans ? self.regions(of: frames) : []
    paint(regions, frames)
    paintGrid(row)
    paintNames(of: regions)
    paintCommitments(frames)
    paintChords(row)
    paintRevisions(row)
    paintMelody(row)
    svg.close()
  }

  private mutating func paintGrid(_ row: PictureLayout.Row) {
    let count = row.bars.reduce(0) { $0 + $1.frames.count }
    paintLabels(to: layout.x(column: Double(count)))
    var column = 0
    for (index, bar) in row.bars.enumerated() {
      for beat in bar.beatStarts(framesPerBeat: layout.framesPerBeat).dropFirst() {
        line("beat", column: column + bar.frames.lowerBound.distance(to: beat), from: 0)
      }
      line("bar", column: column, from: -4)
      let isNew = index == 0 || row.bars[index - 1].meter != bar.meter
      let meter = isNew && bar.meter != history.bars[0].meter ? "  \(bar.meter.text)" : ""
      svg.add(
        "text",
        [
          "class": "number", "x": coordinate(layout.x(column: Double(column)) + 3), "y": "-4",
        ], text: "\(bar.number)\(meter)")
      column += bar.frames.count
    }
    line("bar", column: column, from: -4)
  }

  private mutating func line(_ name: String, column: Int, from y: Double) {
    let x = coordinate(layout.x(column: Double(column)))
    svg.add(
      "line",
      [
        "class": name, "x1": x, "x2": x, "y1": coordinate(y),
        "y2": coordinate(layout.planTop + layout.planHeight),
      ])
  }

  private mutating func paintLabels(to right: Double) {
    for pitch in layout.pitches where pitch.isMultiple(of: 12) {
      let y = layout.y(pitch: pitch) + PictureLayout.semitone
      svg.add(
        "line",
        [
          "class": "octave", "x1": coordinate(PictureLayout.left),
          "x2": coordinate(right), "y1": coordinate(y), "y2": coordinate(y),
        ])
      label("C\(pitch / 12 - 1)", y: y + 2)
    }
    guard layout.hasPlans else { return }
    label("revised", y: layout.revisionTop + PictureLayout.revisionHeight / 2 + 3)
    label("played", y: layout.chordTop + PictureLayout.chordHeight / 2 + 3)
    for beat in 1...layout.beatsAhead {
      let y = layout.planTop + Double(beat) * layout.beatHeight
      label(beat == 1 ? "1 beat ahead" : "\(beat)", y: y + (beat == layout.beatsAhead ? 0 : 3))
    }
  }

  private mutating func label(_ label: String, y: Double) {
    svg.add(
      "text",
      ["class": "label lane", "x": coordinate(PictureLayout.left - 6), "y": coordinate(y)],
      text: label)
  }

  private mutating func paintMelody(_ row: PictureLayout.Row) {
    for note in history.notes {
      let end = min(note.to ?? history.end, history.end)
      for piece in row.pieces(from: Double(note.from), to: end) {
        let x = layout.x(column: piece.from)
        // A small gap between notes that follow one another.
        let width = max(1, layout.x(column: piece.to) - x - 0.8)
        let pitch = Int(note.pitch.rawValue)
        svg.add(
          "rect",
          area(
            piece.isContinued ? "note continued" : "note", x: x, y: layout.y(pitch: pitch),
            width: width, height: PictureLayout.semitone))
      }
    }
  }

  private mutating func paintRevisions(_ row: PictureLayout.Row) {
    let most = Double(max(1, layout.beatsAhead * layout.framesPerBeat))
    let bottom = layout.revisionTop + PictureLayout.revisionHeight
    for revision in history.revisions where revision.frames > 0 {
      let tick = Double(revision.tick.rawValue)
      for piece in row.pieces(from: tick, to: tick + 1) {
        let height = max(
          2, PictureLayout.revisionHeight * min(1, Double(revision.frames) / most))
        svg.add(
          "rect",
          area(
            "revision", x: layout.x(column: piece.from), y: bottom - height,
            width: max(1, layout.frameWidth * 0.6), height: height),
          title: "\(place(of: revision.tick)): changed for \(beats(revision.frames)) beats")
      }
    }
  }

  private mutating func paintChords(_ row: PictureLayout.Row) {
    for chord in chords {
      let pieces = row.pieces(
        from: Double(chord.frames.lowerBound.rawValue), to: Double(chord.frames.upperBound.rawValue)
      )
      for piece in pieces { paint(chord, from: piece.from, to: piece.to, piece.isContinued) }
    }
  }

  private mutating func paint(
    _ chord: PlayedChord, from: Double, to: Double, _ isContinued: Bool
  ) {
    let x = layout.x(column: from)
    let width = layout.x(column: to) - x
    let classes = [
      "chord", chord.isSilence ? "silence" : nil, isContinued ? "continued" : nil,
    ].compactMap(\.self)
    let name = text.chord(chord.symbol)
    let title =
      "\(name), \(place(of: chord.frames.lowerBound)), \(beats(chord.frames.count)) beats; settled "
      + "\(beats(chord.settledAhead)) beats ahead after \(chord.changes) changes, committed "
      + "\(beats(chord.committedAhead)) beats ahead"
    svg.add(
      "rect",
      area(
        classes.joined(separator: " "), x: x, y: layout.chordTop, width: width,
        height: PictureLayout.chordHeight), title: title)
    let size = min(13, (width - 2) / PictureStyle.width(of: name, size: 1))
    guard size >= 6 else { return }
    let isFaint = isContinued || chord.isSilence
    svg.add(
      "text",
      [
        "class": isFaint ? "name again" : "name", "x": coordinate(x + width / 2),
        "y": coordinate(layout.chordTop + PictureLayout.chordHeight / 2 + size * 0.36),
        "font-size": coordinate(size),
      ], text: name)
  }
}
