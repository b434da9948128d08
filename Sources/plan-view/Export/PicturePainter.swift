import Music

/// Draws a session as an SVG document, in rows of eight bars:
///
/// - the melody;
/// - at each tick whose plan revised the one before, a bar as high as the number of revised frames;
/// - the chords as they were played;
/// - below each chord, what had been planned for its frames, the earlier the lower. Plans that
///   agree with what was played are pale. As far as the pale reaches down without a break, the
///   chord was known ahead.
///
/// The same records give the same bytes.
struct PicturePainter {
  let history: SessionHistory
  let layout: PictureLayout
  let chords: [PlayedChord]
  /// Makes names of the stream safe to show.
  let text = DisplayText()
  var svg = SVGText()
  private let figures: PictureFigures

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

  /// The figures as sentences.
  private var summary: String {
    guard figures.plans > 0 else { return "No plans." }
    let perFrame = Double(figures.changes) / Double(max(1, figures.frames))
    var text = "\(figures.plans) plans, \(figures.revisions) of which revised the one before: "
    text += "\(decimal(perFrame, places: 2)) changes per frame."
    guard figures.chords > 0 else { return text }
    let unit = Double(figures.chords) * beatLength
    return text + " \(figures.chords) \(figures.chords == 1 ? "chord" : "chords"), settled "
      + "\(decimal(Double(figures.settledAhead) / unit, places: 2)) beats ahead and committed "
      + "\(decimal(Double(figures.committedAhead) / unit, places: 2)) beats ahead, on average."
  }

  private mutating func paintHead() {
    let left = coordinate(PictureLayout.left)
    svg.add("text", ["class": "title", "x": left, "y": "26"], text: title)
    if let header = history.header, let bar = history.bars.first {
      svg.add(
        "text",
        ["class": "about lane", "x": coordinate(PictureLayout.right), "y": "26"],
        text:
          "\(decimal(header.tempo / bar.meter.meanBeat, places: 1)) beats/min, \(bar.meter.text)")
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
    svg.add("path", ["class": "commit", "d": line])
    paint("committed", x: x + 23, y: y)
    x = PictureLayout.left + 660
    svg.add("rect", area("revision", x: x, y: y, width: 4, height: 10))
    paint("plan revised: the higher, the more frames", x: x + 9, y: y)
    paint(
      "Below each chord stands what had been planned for its place, the earlier the lower. Where it "
        + "is pale all the way down, the chord was known from the start.", x: PictureLayout.left,
      y: y + 18)
  }

  private mutating func paint(_ meaning: String, x: Double, y: Double) {
    svg.add(
      "text", ["class": "label", "x": coordinate(x), "y": coordinate(y + 8.5)], text: meaning)
  }
}

// MARK: What all parts use

extension PicturePainter {
  func area(
    _ name: String, x: Double, y: Double, width: Double, height: Double
  ) -> SVGText.Attributes {
    [
      "class": name, "x": coordinate(x), "y": coordinate(y), "width": coordinate(width),
      "height": coordinate(height),
    ]
  }

  /// Bar and beat of a frame: `3:2.5`.
  func place(of frame: Frame) -> String {
    guard let bar = history.bars.last(where: { $0.frames.lowerBound <= frame }) else { return "-" }
    let beat = bar.beats(at: frame, framesPerBeat: layout.framesPerBeat)
    return "\(bar.number):\(decimal(1 + beat, places: 2))"
  }

  /// The frames of a beat of the first bar, as one taps its meter.
  var beatLength: Double {
    Double(layout.framesPerBeat) * (history.bars.first?.meter.meanBeat ?? 1)
  }

  func beats(_ frames: Int) -> String { decimal(Double(frames) / beatLength, places: 2) }
}
