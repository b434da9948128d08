import Chords
import Music
import Transformer

/// Follows the harmony under a melody: a particle filter over hypotheses, which are contexts of the
/// network with chords of their own, beside melody-only predictors.
///
/// At each frame `update` weighs the hypotheses by the probability that they gave to what the
/// melody did in the frame that is over, resamples them if need be, and samples each one's chord
/// for the frame that begins. `rollOut` continues the likeliest to the horizon, and collects all
/// votes.
///
/// Real-time: allocates while its buffers grow, and when a setting asks for another network.
final class HarmonyTracker {
  /// Where a frame stands in the music.
  typealias Places = (Frame) -> MetricalPlace

  /// The most frames of a rollout, and of a plan.
  static let maxRollout = 64

  var sampling: Sampling
  var random: CounterRNG
  /// The share of the votes that the melody-only predictors have, 0 to 1.
  private(set) var melodyOnlyShare: Double
  /// The network that plays.
  private(set) var contexts: NetworkContexts
  /// Another network that reads the past before it takes over.
  private var priming: Priming?
  private(set) var filter: ParticleFilter
  /// The chord of each hypothesis in the current frame.
  private(set) var chords: [ChordEvent]
  private(set) var history = FrameHistory(hypotheses: NetworkContexts.maxHypotheses)
  /// The current frame: its chords are predicted, and what the melody does in it is not known yet.
  private(set) var frame: Frame
  private var place: MetricalPlace
  /// The melody's note as the current frame begins.
  private(set) var state = MelodyState.silent
  /// The latest rollouts.
  var rollouts = Rollouts()
  var buffers = RolloutBuffers()
  var voter = Voter()

  /// The model of the network that plays.
  private var model: Model { contexts.network.model }
  /// How many hypotheses there are.
  var count: Int { filter.count }
  /// Whether there is one hypothesis and no predictor: its choices are final, without a vote.
  var isSingle: Bool { count == 1 && contexts.predictors == nil }

  /// Begins a piece at `origin`, a bar line, where a chord is predicted at once.
  init(
    _ model: Model, hypotheses: Int, melodyOnlyShare: Double, origin: Frame, random: CounterRNG,
    sampling: Sampling, places: Places
  ) {
    contexts = NetworkContexts(model, melodyOnly: melodyOnlyShare > 0)
    self.melodyOnlyShare = melodyOnlyShare
    filter = ParticleFilter(count: hypotheses)
    chords = Array(repeating: ChordEvent(), count: hypotheses)
    (frame, place) = (origin, places(origin))
    (self.random, self.sampling) = (random, sampling)
    readFrame()
    predict()
  }

  // MARK: One frame

  /// The current frame is over: weighs what the melody did in it, and predicts the chords of the
  /// next.
  func update(_ melody: MelodyEvent, places: Places) {
    filter.reweight { hypothesis in
      withMelodyLogits(hypothesis, chords[hypothesis], state) { logits in
        Sampling().turnIntoProbabilities(&logits)
        return Double(logits[melody.index])
      }
    }
    filter.resampleIfNeeded(at: { ancestorNumber() }, fork: fork)
    state = state.after(melody)
    history.append(melody, state, place, chords: chords)
    frame = frame + 1
    place = places(frame)
    readFrame()
    advancePriming()
    predict()
  }

  /// All contexts read the current frame. At a change point the hypotheses start again, in silence.
  private func readFrame() {
    let isChangePoint = contexts.enter(
      frame: history.end, at: place, history, hypotheses: count)
    if isChangePoint {
      filter.reset()
      for hypothesis in 0..<count {
        chords[hypothesis] = ChordEvent()
        history.silence(hypothesis: hypothesis)
        contexts.updateInput(hypothesis: hypothesis, history)
      }
    }
    contexts.forward(at: place, sampling: sampling, model.vocabulary)
  }

  private func predict() {
    for hypothesis in 0..<count {
      chords[hypothesis] = sampleChord(hypothesis, at: frame, over: chords[hypothesis].chord)
    }
  }

  private func ancestorNumber() -> Double {
    random.uniform(frame: frame.rawValue, hypothesis: 0, decision: .ancestor)
  }

  /// Replaces a hypothesis by a copy of another.
  private func fork(from parent: Int, to child: Int) {
    let (parentRow, childRow) = (NetworkContexts.row(of: parent), NetworkContexts.row(of: child))
    contexts.network.fork(from: parentRow, to: childRow)
    priming?.contexts.network.fork(from: parentRow, to: childRow)
    history.fork(from: parent, to: child)
    chords[child] = chords[parent]
  }

  // MARK: Settings

  /// Changes what is tracked, and with which network, from the current frame on.
  ///
  /// Another number of hypotheses is resampled at once, and predictors that are no longer wanted go
  /// at once. Another model, or predictors that were not there, need a network that has read the
  /// past: it is primed over the next frames and takes over when it has caught up.
  func configure(_ model: Model, hypotheses: Int, melodyOnlyShare: Double) {
    self.melodyOnlyShare = melodyOnlyShare
    if hypotheses != count { resample(to: hypotheses) }
    let wantsPredictors = melodyOnlyShare > 0 && model.supportsMelodyOnly
    if !wantsPredictors {
      contexts.dropPredictors()
      priming?.contexts.dropPredictors()
    }
    func suits(_ contexts: NetworkContexts) -> Bool {
      contexts.network.model === model && (contexts.predictors != nil || !wantsPredictors)
    }
    if suits(contexts) {
      priming = nil
    } else if !(priming.map { suits($0.contexts) } ?? false) {
      priming = Priming(model, melodyOnly: wantsPredictors, history)
    }
  }

  private func resample(to newCount: Int) {
    let missing = newCount - chords.count
    if missing > 0 { chords += Array(repeating: ChordEvent(), count: missing) }
    filter.resample(to: newCount, at: ancestorNumber(), fork: fork)
    chords.removeLast(chords.count - newCount)
  }

  private func advancePriming() {
    guard
      priming?.advance(history, at: place, hypotheses: count, sampling, model.vocabulary) == true
    else { return }
    contexts = priming!.contexts
    priming = nil
  }

  /// The melody's latest notes, by beats of `beatLength` frames.
  func recentMelody(beatLength: Int) -> RecentMelody {
    RecentMelody(
      lastBeat: history.melodyNotes(latest: beatLength),
      lastTwoBeats: history.melodyNotes(latest: 2 * beatLength),
      shortContextWeight: contexts.predictors?.shortContextWeight ?? 0)
  }

  // MARK: Sampling

  /// Samples the chord of a hypothesis for the frame that its row read last.
  func sampleChord(_ hypothesis: Int, at frame: Frame, over sounding: ChordTokens) -> ChordEvent {
    let (network, row) = (contexts.network, NetworkContexts.row(of: hypothesis))
    func uniform(_ decision: CounterRNG.Decision) -> Double {
      random.uniform(frame: frame.rawValue, hypothesis: hypothesis, decision: decision)
    }
    // The temperature shapes which chords begin, not when: chords change as often as the network
    // learned.
    let onset = network.withChordOnsetLogits(row: row) {
      Sampling().choose(&$0, at: uniform(.chordOnset))
    }
    guard onset == 1 else { return ChordEvent(chord: sounding) }
    let root = network.withRootLogits(row: row) {
      sampling.choose(&$0, at: uniform(.root))
    }
    guard root != ChordTokens.noChord.root else {
      return ChordEvent(chord: .noChord, isOnset: sounding != .noChord)
    }
    let quality = network.withQualityLogits(row: row, root: root) {
      sampling.choose(&$0, at: uniform(.quality))
    }
    let bass = network.withBassLogits(row: row, root: root, quality: quality) {
      sampling.choose(&$0, at: uniform(.bass))
    }
    let chord = ChordTokens(root: root, quality: quality, bass: bass)
    // The sounding chord once more counts as a hold.
    return ChordEvent(chord: chord, isOnset: chord != sounding)
  }

  /// The logits of the melody in a frame, given the frame's chord and the note that sounds before.
  func withMelodyLogits<Result>(
    _ hypothesis: Int, _ chord: ChordEvent, _ state: MelodyState,
    _ body: (inout MutableSpan<Float>) -> Result
  ) -> Result {
    let row = NetworkContexts.row(of: hypothesis)
    return contexts.network.withMelodyLogits(row: row, chord: chord) { logits in
      // Silence cannot be held.
      if state == .silent { logits[MelodyEvent.hold.index] = -.infinity }
      return body(&logits)
    }
  }
}
