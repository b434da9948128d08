import Chords
import Music
import Transformer

/// The frames to come, from the current one on, as the latest rollouts sampled them.
struct Rollouts {
  /// What the likeliest hypothesis expects of the melody: each frame's event, and the note after
  /// it.
  private(set) var melody: [(event: MelodyEvent, state: MelodyState)] = []
  /// The melody's pitch classes in each frame, over all rollouts.
  private var notes = [PitchClassShares](
    repeating: PitchClassShares(), count: HarmonyTracker.maxRollout)
  /// The votes in each frame; none where they were not asked for.
  private var votes = (0..<HarmonyTracker.maxRollout).map { _ in Votes() }

  /// The votes in the frame `offset` frames after the current one.
  func votes(at offset: Int) -> Votes { votes[offset] }

  /// The melody's pitch classes in `frames` frames from `offset` on, as far as they were sampled.
  /// Nothing with a single rollout: its melody tells no more than the chords that it was sampled
  /// over.
  func notes(from offset: Int, frames: Int) -> PitchClassShares {
    var sum = PitchClassShares()
    for frame in offset..<min(offset + frames, melody.count) { sum += notes[frame] }
    return sum
  }

  fileprivate mutating func reset() { melody.removeAll(keepingCapacity: true) }

  /// Appends the frame that `running` rollouts, the likeliest first, have sampled.
  fileprivate mutating func appendFrame(_ running: [Rollout]) {
    notes[melody.count] = PitchClassShares()
    for rollout in running where running.count > 1 {
      guard let note = rollout.state.pitchClass else { continue }
      notes[melody.count].add(rollout.share, to: PitchClassSet(note))
    }
    melody.append((running[0].melody, running[0].state))
  }

  /// Collects the votes of a frame.
  fileprivate mutating func collect(at offset: Int, _ vote: (inout Votes) -> Void) {
    votes[offset].removeAll()
    vote(&votes[offset])
  }
}

/// One continuation of a hypothesis: its chords and the melody it expects, sampled frame by frame.
struct Rollout {
  let hypothesis: Int
  /// The hypothesis's weight among those that are rolled out.
  let share: Double
  var chord: ChordEvent
  var state: MelodyState
  var melody = MelodyEvent.rest

  fileprivate mutating func take(_ event: MelodyEvent) {
    melody = event
    state = state.after(event)
  }

  /// What the network reads at the frame after this one.
  fileprivate func input(at place: MetricalPlace) -> FrameInput {
    FrameInput(
      before: FrameInput.Events(melody: melody, state: state, chord: chord), place: place)
  }
}

/// Buffers of rollouts, kept so that they need no allocation.
struct RolloutBuffers {
  /// The rollouts that are being made, the likeliest first.
  fileprivate var running: [Rollout] = []
  /// The likeliest hypotheses, which are rolled out.
  fileprivate var likeliest: [Int] = []
  /// The rows that take part: those of the rollouts, then those of the predictors.
  fileprivate var rows: [Network.Row] = []
  /// What these rows read next.
  fileprivate var inputs: [FrameInput] = []
}

extension HarmonyTracker {
  /// How many hypotheses are rolled out: the likeliest.
  static let rolloutCount = 4

  /// Samples the frames from the current one up to `until`, collects votes, and rolls the network
  /// back. Predictors do not start again at the beats of a rollout: it adds no knowledge.
  ///
  /// - Parameters:
  ///   - early: the pitch of a note that has begun already and belongs to the current frame.
  ///   - needsVotes: whether votes are needed in a frame; always true of a single hypothesis.
  func rollOut(until: Frame, early: Pitch?, places: Places, needsVotes: (Frame) -> Bool) {
    rollouts.reset()
    collectCurrentVotes(isSingle || needsVotes(frame))
    startRollouts()
    contexts.network.withRollback {
      for frame in frame..<until {
        for index in buffers.running.indices {
          let event = sampleMelody(at: frame, early: early, buffers.running[index])
          buffers.running[index].take(event)
        }
        rollouts.appendFrame(buffers.running)
        guard frame + 1 < until else { break }
        rollOut(to: frame + 1, at: places(frame + 1), isSingle || needsVotes(frame + 1))
      }
    }
  }

  /// Collects the votes of all hypotheses and predictors on the current frame.
  private func collectCurrentVotes(_ areNeeded: Bool) {
    rollouts.collect(at: 0) { votes in
      guard areNeeded else { return }
      for hypothesis in 0..<count {
        vote(
          hypothesis, filter.weights[hypothesis], chords[hypothesis].chord,
          over: history.latestChord(hypothesis: hypothesis), &votes)
      }
      guard let voting = contexts.predictors?.voting else { return }
      for predictor in voting { vote(predictor, among: voting.count, &votes) }
    }
  }

  private func startRollouts() {
    buffers.likeliest.removeAll(keepingCapacity: true)
    let weights = filter.weights
    for _ in 0..<min(Self.rolloutCount, count) {
      var likeliest: Int?
      for hypothesis in weights.indices where !buffers.likeliest.contains(hypothesis) {
        if likeliest.map({ weights[hypothesis] > weights[$0] }) ?? true { likeliest = hypothesis }
      }
      buffers.likeliest.append(likeliest!)
    }
    let total = buffers.likeliest.reduce(0) { $0 + weights[$1] }
    buffers.running.removeAll(keepingCapacity: true)
    buffers.rows.removeAll(keepingCapacity: true)
    for hypothesis in buffers.likeliest {
      buffers.rows.append(NetworkContexts.row(of: hypothesis))
      buffers.running.append(
        Rollout(
          hypothesis: hypothesis, share: weights[hypothesis] / total, chord: chords[hypothesis],
          state: state))
    }
    for number in 0..<predictorsInRollouts {
      buffers.rows.append(predictor(number).row)
    }
  }

  /// The rollouts and predictors read a frame to come; the rollouts sample their chords, and all
  /// vote.
  private func rollOut(to frame: Frame, at place: MetricalPlace, _ needsVotes: Bool) {
    buffers.inputs.removeAll(keepingCapacity: true)
    for rollout in buffers.running { buffers.inputs.append(rollout.input(at: place)) }
    for number in 0..<predictorsInRollouts {
      // Each predictor follows the melody of one rollout.
      let input = buffers.inputs[number % buffers.running.count]
      buffers.inputs.append(
        input.melodyOnly(transposedBy: predictor(number).transposition))
    }
    contexts.network.forward(buffers.inputs, rows: buffers.rows)
    rollouts.collect(at: self.frame.distance(to: frame)) { votes in
      for index in buffers.running.indices {
        let rollout = buffers.running[index]
        let sounding = rollout.chord.chord
        let chord = sampleChord(rollout.hypothesis, at: frame, over: sounding)
        buffers.running[index].chord = chord
        guard needsVotes else { continue }
        vote(rollout.hypothesis, rollout.share, chord.chord, over: sounding, &votes)
      }
      guard needsVotes else { return }
      for number in 0..<predictorsInRollouts {
        vote(predictor(number), among: predictorsInRollouts, &votes)
      }
    }
  }

  private var predictorsInRollouts: Int {
    contexts.predictors?.countInRollouts(buffers.running.count) ?? 0
  }

  private func predictor(_ number: Int) -> MelodyOnlyPredictors.Predictor {
    contexts.predictors!.inRollouts(number, of: predictorsInRollouts)
  }

  private func sampleMelody(at frame: Frame, early: Pitch?, _ rollout: Rollout) -> MelodyEvent {
    if frame == self.frame, let early { return .onset(early) }
    let uniform = random.uniform(
      frame: frame.rawValue, hypothesis: rollout.hypothesis, decision: .melody)
    let index = withMelodyLogits(rollout.hypothesis, rollout.chord, rollout.state) {
      sampling.choose(&$0, at: uniform)
    }
    return MelodyEvent(index: index)
  }

  // MARK: Votes

  /// Adds the votes of a hypothesis with a weight: for the sounding chord, by the probability that
  /// no chord begins, and for the likely chords that may begin, each by its probability. That
  /// varies much less than a vote for the sampled chord alone. A single hypothesis votes for the
  /// chord that it sampled.
  private func vote(
    _ hypothesis: Int, _ weight: Double, _ sampled: ChordTokens, over sounding: ChordTokens,
    _ votes: inout Votes
  ) {
    guard !isSingle else { return votes.add(weight, for: sampled) }
    let share = contexts.predictors == nil ? weight : weight * (1 - melodyOnlyShare)
    guard share > 0 else { return }
    let row = NetworkContexts.row(of: hypothesis)
    let onset = contexts.network.withChordOnsetLogits(row: row) { logits in
      Sampling().turnIntoProbabilities(&logits)
      return Double(logits[1])
    }
    if sounding != .noChord { votes.add(share * (1 - onset), for: sounding) }
    voter.vote(
      contexts.network, row: row, share: share * onset, sampling: sampling, &votes)
  }

  /// Adds the votes of one of `count` predictors. A predictor has no sounding chord to keep, so it
  /// votes for chords that begin.
  private func vote(
    _ predictor: MelodyOnlyPredictors.Predictor, among count: Int, _ votes: inout Votes
  ) {
    let share = melodyOnlyShare * (contexts.predictors?.share(of: predictor, among: count) ?? 0)
    voter.vote(
      contexts.network, row: predictor.row, share: share, sampling: sampling,
      transposedBy: -predictor.transposition, &votes)
  }
}
