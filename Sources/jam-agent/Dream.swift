import Chords
import Music
import Transformer

/// Imagining what is to come.
extension Ensemble {
  /// Frames to come, from the decided one on, as they were imagined.
  struct Dream {
    /// What the likeliest hypothesis expects of the melody, and what then sounds.
    fileprivate(set) var melody: [(event: MelodyEvent, state: MelodyState)] = []
    /// What sounds of the melody in each frame, in all futures together.
    private var notes = [PitchClassShares](
      repeating: PitchClassShares(), count: Ensemble.mostImagined)
    /// None where nobody was asked.
    private var votes = (0..<Ensemble.mostImagined).map { _ in Votes() }

    /// What the minds would play so many frames after the decided one.
    func votes(in offset: Int) -> Votes { votes[offset] }

    /// What sounds of the melody in the frames from there on, so many if as many were imagined; of
    /// one future alone nothing: it tells no more than the chords that it was imagined over.
    func notes(from offset: Int, frames: Int) -> PitchClassShares {
      var sum = PitchClassShares()
      for frame in offset..<min(offset + frames, melody.count) { sum += notes[frame] }
      return sum
    }

    fileprivate mutating func begin() { melody.removeAll(keepingCapacity: true) }

    /// The next frame of these futures.
    fileprivate mutating func hear(_ dreamers: [Dreamer]) {
      notes[melody.count] = PitchClassShares()
      for dreamer in dreamers where dreamers.count > 1 {
        guard let note = dreamer.state.pitchClass else { continue }
        notes[melody.count].add(dreamer.share, to: PitchClassSet(note))
      }
      melody.append((dreamers[0].melody, dreamers[0].state))
    }

    /// Takes votes in a frame.
    fileprivate mutating func vote(in offset: Int, _ vote: (inout Votes) -> Void) {
      votes[offset].removeAll()
      vote(&votes[offset])
    }
  }

  /// A hypothesis that goes on without hearing anything.
  struct Dreamer {
    let row: Int
    let share: Double
    var harmony: Past.Harmony
    var state: MelodyState
    var melody = MelodyEvent.rest

    fileprivate mutating func hear(_ event: MelodyEvent) {
      melody = event
      state = state.after(event)
    }

    fileprivate func input(_ place: MetricalPlace) -> FrameInput {
      let events = FrameInput.Events(
        melody: melody, state: state, isStrike: harmony.isStrike, chord: harmony.chord)
      return FrameInput(before: events, place: place)
    }
  }

  /// Room for what is thought of in between.
  struct Room {
    fileprivate var dreamers: [Dreamer] = []
    /// The rows of the dreamers, and then of the ears; and what they read.
    fileprivate var rows: [Int] = []
    fileprivate var inputs: [FrameInput] = []
    /// The shares of roots, and of qualities on one of them.
    var roots: [Float] = []
    var qualities: [Float] = []
  }

  /// Imagines the frames from the decided one up to `until`, and goes back. No ear begins anew in the
  /// dream: what is imagined tells no more than what was heard.
  ///
  /// - Parameters:
  ///   - early: a note already begun that belongs to the decided frame.
  ///   - isAsked: whether there is a vote on a frame; a single mind always has its say.
  func imagine(until: Frame, early: Pitch?, places: Places, isAsked: (Frame) -> Bool) {
    dream.begin()
    takeVotesOnDecidedFrame(isAsked: isSingle || isAsked(frame))
    fallAsleep()
    network.imagining {
      for frame in frame..<until {
        for index in room.dreamers.indices {
          let row = frame == self.frame ? room.dreamers[index].row : index
          room.dreamers[index].hear(
            expected(at: frame, early: early, room.dreamers[index], row: row))
        }
        dream.hear(room.dreamers)
        guard frame + 1 < until else { break }
        imagine(frame + 1, at: places(frame + 1), isAsked: isSingle || isAsked(frame + 1))
      }
    }
  }

  private func takeVotesOnDecidedFrame(isAsked: Bool) {
    dream.vote(in: 0) { votes in
      guard isAsked else { return }
      for row in hypotheses.indices {
        vote(row, weights[row], hypotheses[row].chord, over: past.sounding(row: row), &votes)
      }
      guard let voting = ears?.voting else { return }
      for ear in voting { vote(ear, among: voting, row: ear.row, &votes) }
    }
  }

  /// The likeliest hypotheses begin to dream, each with its share of the belief in all of them.
  private func fallAsleep() {
    room.rows.removeAll(keepingCapacity: true)
    for _ in 0..<min(Self.dreamers, count) {
      var likeliest: Int?
      for row in weights.indices where !room.rows.contains(row) {
        if likeliest.map({ weights[row] > weights[$0] }) ?? true { likeliest = row }
      }
      room.rows.append(likeliest!)
    }
    let total = room.rows.reduce(0) { $0 + weights[$1] }
    room.dreamers.removeAll(keepingCapacity: true)
    for row in room.rows {
      room.dreamers.append(
        Dreamer(row: row, share: weights[row] / total, harmony: hypotheses[row], state: state))
    }
    for ear in ears?.dreaming ?? [] { room.rows.append(ear.row) }
  }

  /// Dreamers and ears read a frame to come, choose their chords and vote.
  private func imagine(_ frame: Frame, at place: MetricalPlace, isAsked: Bool) {
    room.inputs.removeAll(keepingCapacity: true)
    for dreamer in room.dreamers { room.inputs.append(dreamer.input(place)) }
    for (index, ear) in (ears?.dreaming ?? []).enumerated() {
      // Of the futures that are imagined, each hears one.
      let dreamed = room.inputs[index % room.dreamers.count]
      room.inputs.append(dreamed.heard(transposedBy: ear.transposition))
    }
    network.read(room.inputs, rows: room.rows)
    dream.vote(in: self.frame.distance(to: frame)) { votes in
      for index in room.dreamers.indices {
        let (dreamer, sounding) = (room.dreamers[index], room.dreamers[index].harmony.chord)
        let harmony = choose(index, as: dreamer.row, at: frame, over: sounding)
        room.dreamers[index].harmony = harmony
        guard isAsked else { continue }
        vote(index, dreamer.share, harmony.chord, over: sounding, &votes)
      }
      guard isAsked else { return }
      guard let dreaming = ears?.dreaming else { return }
      for (index, ear) in dreaming.enumerated() {
        vote(ear, among: dreaming, row: room.dreamers.count + index, &votes)
      }
    }
  }

  private func expected(
    at frame: Frame, early: Pitch?, _ dreamer: Dreamer, row: Int
  ) -> MelodyEvent {
    if frame == self.frame, let early { return .onset(early) }
    let shares = melodyLogits(row, dreamer.harmony, dreamer.state)
    let fraction = chance.fraction(
      frame: frame.rawValue, row: dreamer.row, decision: .melody)
    return MelodyEvent(index: sampling.choose(shares, at: fraction))
  }
}
