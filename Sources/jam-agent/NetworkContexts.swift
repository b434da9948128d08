import Chords
import Transformer

/// The contexts of a network: a row for each hypothesis and, where the model supports it, one for
/// each melody-only predictor.
final class NetworkContexts {
  let network: Network
  /// Nil if their votes are not wanted, or if the model was not trained with chord dropout.
  private(set) var predictors: MelodyOnlyPredictors?

  /// The most hypotheses. Their rows come first, then those of the predictors.
  static let maxHypotheses = 64
  /// Frames that the network attends to.
  static let window = 512

  /// The input of the frame that is read next, for each row.
  private var inputs: [FrameInput] = []
  private var rows: [Network.Row] = []
  private var voter = Voter()
  private var votes = Votes()

  init(_ model: Model, melodyOnly: Bool) {
    network = Network(
      model, capacity: Self.maxHypotheses + MelodyOnlyPredictors.rowCount, window: Self.window,
      maxRollback: HarmonyTracker.maxRollout)
    if melodyOnly && model.supportsMelodyOnly {
      predictors = MelodyOnlyPredictors(firstRow: Network.Row(Self.maxHypotheses))
    }
  }

  /// The row of a hypothesis.
  static func row(of hypothesis: Int) -> Network.Row { Network.Row(hypothesis) }

  /// Does without the melody-only predictors from here on.
  func dropPredictors() { predictors = nil }

  /// Enters a frame: sets the rows' inputs from the frame before it. Where a beat begins, one short
  /// context starts again. At a change point the long contexts start again too, and the hypotheses
  /// are forked from the short context that votes.
  ///
  /// Returns whether there is a change point.
  func enter(frame: Int, at place: MetricalPlace, _ history: FrameHistory, hypotheses: Int)
    -> Bool
  {
    inputs.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    for hypothesis in 0..<hypotheses {
      let before = history.events(frame: frame - 1, hypothesis: hypothesis)
      inputs.append(FrameInput(before: before, place: place))
      rows.append(Self.row(of: hypothesis))
    }
    guard predictors != nil else { return false }
    for number in 0..<MelodyOnlyPredictors.rowCount {
      let transposition = MelodyOnlyPredictors.transposition(of: number)
      inputs.append(inputs[0].melodyOnly(transposedBy: transposition))
      rows.append(Network.Row(Self.maxHypotheses + number))
    }
    if history.frames.contains(frame - 1) {
      predictors?.observe(history.melodyNote(frame: frame - 1))
    }
    return place.isBeat && beginBeat(hypotheses: hypotheses)
  }

  /// Sets the input of a hypothesis from its latest frame again, which has been changed.
  func updateInput(hypothesis: Int, _ history: FrameHistory) {
    inputs[hypothesis].before = history.events(frame: history.end - 1, hypothesis: hypothesis)
  }

  /// Reads the frame that was entered.
  func forward(at place: MetricalPlace, sampling: Sampling, _ vocabulary: ChordVocabulary) {
    network.forward(inputs, rows: rows)
    if place.isBeat { recordPredictions(sampling, vocabulary) }
  }

  /// Begins a beat for the predictors, as `enter` describes. Returns whether there is a change
  /// point.
  private func beginBeat(hypotheses: Int) -> Bool {
    predictors!.beginBeat()
    reset(row: predictors!.restartedRow)
    guard let predictors, predictors.isChangePoint else { return false }
    for row in predictors.longContextRows { reset(row: row) }
    for hypothesis in 0..<hypotheses {
      network.fork(from: predictors.shortContextRow, to: Self.row(of: hypothesis))
    }
    return true
  }

  /// Clears a predictor's row, and has its input say so.
  private func reset(row: Network.Row) {
    network.reset(row: row)
    inputs[rows.firstIndex(of: row)!].before = nil
  }

  /// Records what the predictors vote for as a beat begins, to compare it with the beat's notes.
  private func recordPredictions(_ sampling: Sampling, _ vocabulary: ChordVocabulary) {
    for predictor in predictors?.voting ?? [] {
      votes.removeAll()
      voter.vote(
        network, row: predictor.row, share: 1, sampling: sampling,
        transposedBy: -predictor.transposition, &votes)
      for (chord, share) in votes.shares {
        predictors?.recordPrediction(share, of: vocabulary.pitchClasses(of: chord), by: predictor)
      }
    }
  }
}
