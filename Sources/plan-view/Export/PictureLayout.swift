import Music

/// Where things stand in a picture: rows of eight bars, all in the same scale. Lengths are in the
/// picture's own units: its width is 1000.
struct PictureLayout {
  static let barsPerRow = 8
  static let width = 1000.0
  static let left = 78.0
  static let right = 986.0
  static let firstRow = 66.0
  static let semitone = 3.6
  static let revisionHeight = 15.0
  static let chordHeight = 22.0
  static let gap = 6.0

  /// Bars side by side, with a column for each frame.
  struct Row {
    var bars: [Bar]
    /// The frames of the columns.
    var frames: [Frame] { bars.flatMap(\.frames) }
    /// Frames that follow one another, and the column of the first. A session may leap, so a row
    /// can have several stretches.
    var stretches: [(frames: Range<Frame>, column: Int)]

    init(_ bars: some Sequence<Bar>) {
      self.bars = Array(bars)
      stretches = []
      var column = 0
      for bar in self.bars {
        if let last = stretches.last, last.frames.upperBound == bar.frames.lowerBound {
          stretches[stretches.count - 1].frames = last.frames.lowerBound..<bar.frames.upperBound
        } else {
          stretches.append((bar.frames, column))
        }
        column += bar.frames.count
      }
    }

    /// The columns from one place to another, both in frames, with a piece for each stretch. A
    /// piece is continued where its beginning lies before the stretch.
    func pieces(from: Double, to: Double) -> [(from: Double, to: Double, isContinued: Bool)] {
      stretches.compactMap { stretch in
        let first = Double(stretch.frames.lowerBound.rawValue)
        let start = max(from, first)
        let end = min(to, Double(stretch.frames.upperBound.rawValue))
        let offset = Double(stretch.column) - first
        return start < end ? (start + offset, end + offset, from < first) : nil
      }
    }
  }

  let rows: [Row]
  /// The width of a column.
  let frameWidth: Double
  let framesPerBeat: Int
  /// The pitches of the melody, at least an octave.
  let pitches: ClosedRange<Int>
  /// How many beats ahead the earliest plan reached; 0 without plans.
  let beatsAhead: Int

  init(_ history: SessionHistory) {
    let bars = history.bars
    rows = stride(from: 0, to: bars.count, by: Self.barsPerRow).map { first in
      Row(bars[first..<min(first + Self.barsPerRow, bars.count)])
    }
    framesPerBeat = history.header?.framesPerBeat ?? 4
    let columns = rows.map { $0.bars.reduce(0) { $0 + $1.frames.count } }.max() ?? 1
    // A short session is not stretched to the whole width.
    let usual = 4 * 4 * framesPerBeat
    frameWidth = (Self.right - Self.left) / Double(max(columns, usual))
    let played = history.notes.map { Int($0.pitch.rawValue) }
    let (lowest, highest) = (played.min() ?? 60, played.max() ?? 71)
    let missing = max(0, 12 - (highest - lowest))
    pitches = lowest - (missing + 1) / 2 - 1...highest + missing / 2 + 1
    let ahead = history.frames.compactMap { frame in
      history.plans[frame]?.planned.first.map { $0.tick.distance(to: frame) + 1 }
    }
    beatsAhead = ((ahead.max() ?? 0) + framesPerBeat - 1) / framesPerBeat
  }

  var hasPlans: Bool { beatsAhead > 0 }

  var melodyHeight: Double { Double(pitches.count) * Self.semitone }
  var beatHeight: Double { beatsAhead == 0 ? 0 : min(20, 160 / Double(beatsAhead)) }
  var planHeight: Double { Double(beatsAhead) * beatHeight }

  /// The height of a row, from the bar numbers down.
  var rowHeight: Double { 14 + planTop + planHeight + 26 }
  var height: Double { Self.firstRow + Double(rows.count) * rowHeight + (hasPlans ? 44 : 0) }

  // Distances below the top of a row's melody:
  var revisionTop: Double { melodyHeight + Self.gap }
  var chordTop: Double { revisionTop + Self.revisionHeight + Self.gap }
  var planTop: Double { hasPlans ? chordTop + Self.chordHeight : melodyHeight }

  /// The top of a row's melody.
  func top(ofRow row: Int) -> Double { Self.firstRow + Double(row) * rowHeight + 14 }

  func x(column: Double) -> Double { Self.left + column * frameWidth }

  /// The depth, below the top of a row's melody, of what was planned so many frames ahead.
  func y(framesAhead: Int) -> Double {
    planTop + Double(framesAhead) / Double(framesPerBeat) * beatHeight
  }

  /// The upper edge of a pitch, below the top of a row's melody.
  func y(pitch: Int) -> Double { Double(pitches.upperBound - pitch) * Self.semitone }
}
