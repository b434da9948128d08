import Music

/// A chord as it was played: promised in time, and struck once.
struct PlayedChord: Hashable {
  var symbol: String
  /// Those that began.
  var frames: Range<Frame>
  /// How many frames before it began it was settled, and promised.
  var settledAhead: Int
  var promisedAhead: Int
  /// How often another chord was planned for its first frame than before.
  var changes: Int

  var isSilence: Bool { symbol == "N" }
}

extension SessionHistory {
  /// In order, also those that are silence. Where nothing was promised in time, there is none.
  var playedChords: [PlayedChord] {
    var chords: [PlayedChord] = []
    for frame in frames {
      guard let history = histories[frame], let promise = history.promise else { continue }
      if let last = chords.last, last.frames.upperBound == frame, last.symbol == promise.symbol,
        promise.strike != frame
      {
        chords[chords.count - 1].frames = last.frames.lowerBound..<frame + 1
      } else {
        chords.append(
          PlayedChord(
            symbol: promise.symbol, frames: frame..<frame + 1,
            settledAhead: history.settled.map { $0.distance(to: frame) } ?? 0,
            promisedAhead: promise.tick.distance(to: frame), changes: history.changes))
      }
    }
    return chords
  }
}

/// What a picture says in figures, of the frames in it that began.
struct PictureFigures: Hashable {
  var plans = 0
  /// The plans that had another chord for some frame than the plan before.
  var revisions = 0
  /// Frames that were planned.
  var frames = 0
  /// How often another chord was planned for one of them than before, all together.
  var changes = 0
  /// Chords played, silence left out.
  var chords = 0
  /// Frames by which these were settled, and promised, before they began, all together.
  var settledAhead = 0
  var promisedAhead = 0

  init(_ history: SessionHistory) {
    if let first = history.bars.first {
      let revisions = history.revisions.filter { $0.tick >= first.frames.lowerBound }
      plans = revisions.count
      self.revisions = revisions.count { $0.frames > 0 }
    }
    for frame in history.frames {
      guard let planned = history.histories[frame], planned.outcome != nil else { continue }
      frames += 1
      changes += planned.changes
    }
    for chord in history.playedChords where !chord.isSilence {
      chords += 1
      settledAhead += chord.settledAhead
      promisedAhead += chord.promisedAhead
    }
  }
}
