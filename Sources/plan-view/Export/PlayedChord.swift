import Chords
import Music

/// A chord as it was played: committed in time, and with one onset.
struct PlayedChord: Hashable {
  var symbol: String
  /// Its frames that have begun.
  var frames: Range<Frame>
  /// How many frames before its onset it was planned for good.
  var settledAhead: Int
  /// How many frames before its onset it was committed.
  var committedAhead: Int
  /// How often the plan for its first frame changed to another chord.
  var changes: Int

  var isSilence: Bool { symbol == "N" }
}

extension SessionHistory {
  /// The chords in order, silence among them. Frames that no plan committed in time have none.
  var playedChords: [PlayedChord] {
    var chords: [PlayedChord] = []
    for frame in frames {
      guard let planned = plans[frame], let commitment = planned.commitment else { continue }
      if let last = chords.last, last.frames.upperBound == frame,
        ChordSymbol.areSame(last.symbol, commitment.symbol), commitment.onset != frame
      {
        chords[chords.count - 1].frames = last.frames.lowerBound..<frame + 1
      } else {
        chords.append(
          PlayedChord(
            symbol: commitment.symbol, frames: frame..<frame + 1,
            settledAhead: planned.settled.map { $0.distance(to: frame) } ?? 0,
            committedAhead: commitment.tick.distance(to: frame), changes: planned.changes))
      }
    }
    return chords
  }
}

/// The figures of a picture, about the frames in it that have begun.
struct PictureFigures: Hashable {
  var plans = 0
  /// How many plans had another chord for some frame than the plan before.
  var revisions = 0
  /// How many frames were planned.
  var frames = 0
  /// How often the plan for one of these frames changed to another chord, in total.
  var changes = 0
  /// How many chords were played, without silence.
  var chords = 0
  /// How many frames before their onsets these chords were planned for good, in total.
  var settledAhead = 0
  /// How many frames before their onsets they were committed, in total.
  var committedAhead = 0

  init(_ history: SessionHistory) {
    if let first = history.bars.first {
      let revisions = history.revisions.filter { $0.tick >= first.frames.lowerBound }
      plans = revisions.count
      self.revisions = revisions.count { $0.frames > 0 }
    }
    for frame in history.frames {
      guard let planned = history.plans[frame], planned.outcome != nil else { continue }
      frames += 1
      changes += planned.changes
    }
    for chord in history.playedChords where !chord.isSilence {
      chords += 1
      settledAhead += chord.settledAhead
      committedAhead += chord.committedAhead
    }
  }
}
