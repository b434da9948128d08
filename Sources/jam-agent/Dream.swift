import Chords
import Records
import Transformer

/// Imagining what is to come.
extension Ensemble {
  /// Frames to come, as they were imagined.
  struct Dream {
    /// From the decided frame on; none where nobody was asked.
    var votes: [Votes]
    /// What the likeliest hypothesis expects of the melody, and what then sounds.
    var melody: [(event: MelodyEvent, state: MelodyState)]
  }

  /// Imagines the frames from the decided one up to `until`, and forgets the dream. No ear begins
  /// anew in it: what is imagined tells no more than what was heard.
  ///
  /// - Parameters:
  ///   - early: a note already begun that belongs to the decided frame.
  ///   - isAsked: whether there is a vote on a frame; a single mind always has its say.
  func imagine(
    until: Frame, early: Pitch?, places: Places, isAsked: (Frame) -> Bool
  ) -> Dream {
    func hasVote(_ frame: Frame) -> Bool { isSingle || isAsked(frame) }
    let ears = ears
    var dream = Dream(votes: [Votes()], melody: [])
    if hasVote(frame) {
      for (row, hypothesis) in hypotheses.enumerated() {
        vote(row, weights[row], hypothesis.chord, over: sounding(hypothesis), &dream.votes[0])
      }
      vote(ears: ears, &dream.votes[0])
    }
    let likeliest = weights.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
    let rows = Array(likeliest.prefix(Self.dreamers))
    let total = rows.reduce(0) { $0 + weights[$1] }
    var dreamers = rows.map { Dreamer(row: $0, share: weights[$0] / total, hypotheses[$0], state) }
    network.imagining {
      for frame in frame..<until {
        for index in dreamers.indices {
          let row = frame == self.frame ? dreamers[index].row : index
          dreamers[index].hear(expected(at: frame, early: early, dreamers[index], row: row))
        }
        dream.melody.append((dreamers[0].melody, dreamers[0].state))
        guard frame + 1 < until else { break }
        let place = places(frame + 1)
        var inputs = dreamers.map { $0.input(place) }
        inputs += ears.map { _ in inputs[0].untold }
        network.read(inputs, rows: rows + ears)
        var votes = Votes()
        for index in dreamers.indices {
          let dreamer = dreamers[index]
          (dreamers[index].isStrike, dreamers[index].chord) =
            choose(index, as: dreamer.row, at: frame + 1, over: dreamer.chord)
          guard hasVote(frame + 1) else { continue }
          vote(index, dreamer.share, dreamers[index].chord, over: dreamer.chord, &votes)
        }
        if hasVote(frame + 1) {
          vote(ears: ears.indices.map { dreamers.count + $0 }, &votes)
        }
        dream.votes.append(votes)
      }
    }
    return dream
  }

  /// A hypothesis that goes on without hearing anything.
  private struct Dreamer {
    let row: Int
    let share: Double
    var chord: Spelling
    var isStrike: Bool
    var state: MelodyState
    var melody = MelodyEvent.rest

    init(row: Int, share: Double, _ hypothesis: Hypothesis, _ state: MelodyState) {
      (self.row, self.share) = (row, share)
      (chord, isStrike) = (hypothesis.chord, hypothesis.isStrike)
      self.state = state
    }

    mutating func hear(_ event: MelodyEvent) {
      melody = event
      state = state.after(event)
    }

    func input(_ place: MetricalPlace) -> FrameInput {
      let events = FrameInput.Events(
        melody: melody, state: state, isStrike: isStrike, chord: chord)
      return FrameInput(before: events, place: place)
    }
  }

  private func expected(
    at frame: Frame, early: Pitch?, _ dreamer: Dreamer, row: Int
  ) -> MelodyEvent {
    if frame == self.frame, let early { return .onset(early) }
    let shares = melodyLogits(row, dreamer.isStrike, dreamer.chord, dreamer.state)
    let fraction = chance.fraction(
      frame: frame.rawValue, row: dreamer.row, decision: .melody)
    return MelodyEvent(index: sampling.choose(shares, at: fraction))
  }
}
