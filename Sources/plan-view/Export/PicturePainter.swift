import Records

/// Draws a session as an SVG document, in rows of eight bars:
///
/// - the melody;
/// - at each tick whose plan changed the agent's mind, a bar that tells for how many frames;
/// - the chords as they were played;
/// - hanging from them, what had been planned for the frames above, the earlier the lower: what
///   agrees with what was played is pale, the rest stands out. How deep the pale reaches without a
///   break is how far ahead a chord was known.
///
/// The same records give the same bytes.
struct PicturePainter {
  let history: SessionHistory
  let layout: PictureLayout
  private let figures: PictureFigures
  private let chords: [PlayedChord]
  private let text = DisplayText()
  private var svg = SVGText()

  init(_ history: SessionHistory) {
    self.history = history
    layout = PictureLayout(history)
    figures = PictureFigures(history)
    chords = history.playedChords
  }

  /// The whole document.
  static func svg(of history: SessionHistory) -> String {
    var painter = PicturePainter(history)
    painter.paint()
    return painter.svg.text
  }

  private mutating func paint() {
    let (width, height) = (coordinate(PictureLayout.width), coordinate(layout.height))
    svg.begin(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height,
        "viewBox": "0 0 \(width) \(height)", "role": "img", "aria-labelledby": "title about",
      ])
    svg.add("title", ["id": "title"], text: "\(title): melody, chords and plans")
    svg.add("desc", ["id": "about"], text: about)
    svg.add("style", text: PictureStyle.sheet)
    paintHatch()
    svg.add("rect", ["width": width, "height": height, "fill": "#fff"])
    paintHead()
    for row in layout.rows.indices { paint(row) }
    paintLegend()
    svg.close()
  }

  private mutating func paintHatch() {
    svg.begin("defs")
    svg.begin(
      "pattern",
      [
        "id": "hatch", "width": "4", "height": "4", "patternUnits": "userSpaceOnUse",
        "patternTransform": "rotate(45)",
      ])
    svg.add("rect", ["width": "4", "height": "4", "fill": "#f2b48c"])
    svg.add("rect", ["width": "1.7", "height": "4", "fill": "#c85600"])
    svg.close()
    svg.close()
  }
}

// MARK: Head and legend

extension PicturePainter {
  private var title: String {
    let source = text.shown(history.header?.source ?? "", columns: 60)
    return source.isEmpty ? "A session" : source
  }

  private var about: String {
    guard let first = history.bars.first, let last = history.bars.last else { return "" }
    let played = chords.filter { !$0.isSilence }.prefix(200).map {
      "\(place(of: $0.frames.lowerBound)) \(text.chord($0.symbol))"
    }
    return "Bars \(first.number) to \(last.number). \(summary) Chords played, with bar and beat: "
      + (played.isEmpty ? "none." : played.joined(separator: ", ") + ".")
  }

  /// The figures in words.
  private var summary: String {
    guard figures.plans > 0 else { return "No plans." }
    let perFrame = Double(figures.changes) / Double(max(1, figures.frames))
    var text = "\(figures.plans) plans, \(figures.revisions) revised the one before: "
    text += "\(decimal(perFrame, places: 2)) changes of mind a frame."
    guard figures.chords > 0 else { return text }
    let unit = Double(figures.chords * layout.framesPerBeat)
    return text + " \(figures.chords) chords, settled "
      + "\(decimal(Double(figures.settledAhead) / unit, places: 2)) beats ahead and promised "
      + "\(decimal(Double(figures.promisedAhead) / unit, places: 2)), on average."
  }

  private mutating func paintHead() {
    let left = coordinate(PictureLayout.left)
    svg.add("text", ["class": "title", "x": left, "y": "26"], text: title)
    if let header = history.header, let bar = history.bars.first {
      svg.add(
        "text",
        ["class": "about lane", "x": coordinate(PictureLayout.right), "y": "26"],
        text: "\(decimal(header.tempo, places: 1)) beats/min, \(bar.meter.text)")
    }
    svg.add("text", ["class": "figures", "x": left, "y": "45"], text: summary)
  }

  private mutating func paintLegend() {
    guard layout.hasPlans else { return }
    let y = layout.height - 36
    let signs = [
      ("chord", 0.0, "played"), ("agrees", 72, "planned as it was played"),
      ("sameRoot", 236, "another chord on its root"), ("other", 404, "a chord on another root"),
    ]
    for (sign, place, meaning) in signs {
      let x = PictureLayout.left + place
      svg.add("rect", area(sign, x: x, y: y, width: 18, height: 10))
      paint(meaning, x: x + 23, y: y)
    }
    var x = PictureLayout.left + 565
    let line = "M\(coordinate(x)) \(coordinate(y + 5))h18"
    svg.add("path", ["class": "promise", "d": line])
    paint("promised", x: x + 23, y: y)
    x = PictureLayout.left + 652
    svg.add("rect", area("revision", x: x, y: y, width: 4, height: 10))
    paint("plan revised, the higher the more of it", x: x + 9, y: y)
    paint(
      "Below each chord stands what had been planned for its place, the earlier the lower: where it "
        + "is pale all the way down, the chord was known all along.", x: PictureLayout.left,
      y: y + 18)
  }

  private mutating func paint(_ meaning: String, x: Double, y: Double) {
    svg.add(
      "text", ["class": "label", "x": coordinate(x), "y": coordinate(y + 8.5)], text: meaning)
  }

  private func area(
    _ name: String, x: Double, y: Double, width: Double, height: Double
  ) -> SVGText.Attributes {
    [
      "class": name, "x": coordinate(x), "y": coordinate(y), "width": coordinate(width),
      "height": coordinate(height),
    ]
  }

  /// Bar and beat: `3:2.5`.
  private func place(of frame: Frame) -> String {
    guard let bar = history.bars.last(where: { $0.frames.lowerBound <= frame }) else { return "-" }
    let quarters =
      Double(bar.frames.lowerBound.distance(to: frame)) / Double(layout.framesPerBeat)
    let beat = 1 + quarters * Double(bar.meter.denominator) / 4
    return "\(bar.number):\(decimal(beat, places: 2))"
  }

  private func beats(_ frames: Int) -> String {
    decimal(Double(frames) / Double(layout.framesPerBeat), places: 2)
  }
}

// MARK: Rows

extension PicturePainter {
  private mutating func paint(_ index: Int) {
    let row = layout.rows[index]
    let top = layout.top(ofRow: index)
    svg.begin("g", ["transform": "translate(0 \(coordinate(top)))"])
    let frames = row.frames
    let regions = layout.hasPlans ? self.regions(of: frames) : []
    paint(regions, frames)
    paintGrid(row)
    paintNames(of: regions)
    paintPromises(frames)
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
      let beat = 4 * layout.framesPerBeat / bar.meter.denominator
      for place in stride(from: max(1, beat), to: bar.frames.count, by: max(1, beat)) {
        line("beat", column: column + place, from: 0)
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
        // A little light between notes that follow one another.
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
    let classes = ["chord"] + (chord.isSilence ? ["silence"] : []) + (isContinued ? ["continued"] : [])
    let name = text.chord(chord.symbol)
    let title =
      "\(name), \(place(of: chord.frames.lowerBound)), \(beats(chord.frames.count)) beats; settled "
      + "\(beats(chord.settledAhead)) beats ahead after \(chord.changes) changes, promised "
      + beats(chord.promisedAhead)
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

// MARK: Plans

extension PicturePainter {
  private func regions(of frames: [Frame]) -> [PlannedRegion] {
    guard let lastFrame = history.lastFrame else { return [] }
    return plannedRegions(of: frames, in: history.histories, lastFrame: lastFrame)
  }

  private mutating func paint(_ regions: [PlannedRegion], _ frames: [Frame]) {
    for agreement in Agreement.allCases {
      for region in regions where region.agreement == agreement {
        svg.add(
          "path", ["class": agreement.rawValue, "d": outline(of: region)],
          title: title(of: region, frames))
      }
    }
  }

  private mutating func paintNames(of regions: [PlannedRegion]) {
    for region in regions where region.agreement != .agrees { paintName(of: region) }
  }

  private func title(of region: PlannedRegion, _ frames: [Frame]) -> String {
    let ahead = region.columns.reduce(region.columns[0]) {
      min($0.lowerBound, $1.lowerBound)..<max($0.upperBound, $1.upperBound)
    }
    return "\(text.chord(region.symbol)) for \(place(of: frames[region.first])), "
      + "\(beats(region.columns.count)) beats; "
      + "\(beats(ahead.lowerBound)) to \(beats(ahead.upperBound - 1)) beats ahead"
  }

  /// Along the upper edges, and back along the lower ones.
  private func outline(of region: PlannedRegion) -> String {
    var path = ""
    var height: Int?
    func step(to ahead: Int, column: Int) {
      guard ahead != height else { return }
      let x = coordinate(layout.x(column: Double(column)))
      path += path.isEmpty ? "M\(x)" : "H\(x)V"
      path += (height == nil ? " " : "") + coordinate(layout.y(framesAhead: ahead))
      height = ahead
    }
    for (index, column) in region.columns.enumerated() {
      step(to: column.lowerBound, column: region.first + index)
    }
    for (index, column) in region.columns.enumerated().reversed() {
      step(to: column.upperBound, column: region.first + index + 1)
    }
    return path + "H\(coordinate(layout.x(column: Double(region.first))))Z"
  }

  /// How far ahead frames were promised.
  private mutating func paintPromises(_ frames: [Frame]) {
    var path = ""
    var height: Int?
    for (column, frame) in frames.enumerated() {
      let promise = history.histories[frame]?.promise
      let ahead = promise.map { $0.tick.distance(to: frame) + 1 }
      let x = coordinate(layout.x(column: Double(column)))
      if let height, height != ahead { path += "H\(x)" }
      if let ahead, ahead != height {
        path += (height == nil ? "M\(x) " : "V") + coordinate(layout.y(framesAhead: ahead))
      }
      height = ahead
    }
    guard !path.isEmpty else { return }
    if height != nil { path += "H\(coordinate(layout.x(column: Double(frames.count))))" }
    svg.add("path", ["class": "promise", "d": path], title: "What is above is promised.")
  }

  /// Where the region has room for the chord's name, it stands in the middle of the roomiest place.
  private mutating func paintName(of region: PlannedRegion) {
    let name = text.chord(region.symbol)
    let columns = Int(((PictureStyle.width(of: name, size: 9) + 3) / layout.frameWidth).rounded(.up))
    guard columns <= region.columns.count else { return }
    var best: (x: Double, y: Double, room: Double)?
    for first in 0...region.columns.count - columns {
      let parts = region.columns[first..<first + columns]
      let upper = layout.y(framesAhead: parts.map(\.lowerBound).max()!)
      let room = layout.y(framesAhead: parts.map(\.upperBound).min()!) - upper
      guard room > best?.room ?? 9.5 else { continue }
      let middle = Double(region.first + first) + Double(columns) / 2
      best = (layout.x(column: middle), upper + room / 2 + 3.2, room)
    }
    guard let best else { return }
    svg.add(
      "text", ["class": "thought", "x": coordinate(best.x), "y": coordinate(best.y)], text: name)
  }
}
