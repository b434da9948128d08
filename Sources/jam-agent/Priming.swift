import Chords
import Transformer

/// A network that reads the past, some frames at a time, before it takes over from the one that
/// plays.
///
/// Reading all of the past at once would take longer than a frame. So at each frame a slice of
/// bounded size is read. The stream alone decides when the past is read: a replay switches at the
/// same tick.
struct Priming {
  let contexts: NetworkContexts
  /// The number of the frame that is read next.
  private var next: Int

  /// Rows that are read in a slice, all frames together.
  private static let rowsPerSlice = 128
  /// Frames that are read in a slice, at least: more than one, or the music would never be caught
  /// up with.
  private static let leastFramesPerSlice = 2

  /// Begins with the oldest frame that the history still keeps at the first slice, a frame later.
  init(_ model: Model, melodyOnly: Bool, _ history: FrameHistory) {
    contexts = NetworkContexts(model, melodyOnly: melodyOnly)
    next = max(0, history.end + 1 - FrameHistory.length)
  }

  /// Reads a slice of the frames up to the current one, which stands at `place`. Returns true once
  /// the current one has been read.
  mutating func advance(
    _ history: FrameHistory, at place: MetricalPlace, hypotheses: Int, _ sampling: Sampling,
    _ vocabulary: ChordVocabulary
  ) -> Bool {
    let rows = hypotheses + (contexts.predictors == nil ? 0 : MelodyOnlyPredictors.rowCount)
    for _ in 0..<max(Self.leastFramesPerSlice, Self.rowsPerSlice / rows) where next <= history.end {
      let place = next == history.end ? place : history.place(frame: next)
      _ = contexts.enter(frame: next, at: place, history, hypotheses: hypotheses)
      contexts.forward(at: place, sampling: sampling, vocabulary)
      next += 1
    }
    return next > history.end
  }
}
