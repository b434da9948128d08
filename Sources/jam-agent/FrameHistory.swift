import Chords
import Transformer

/// The latest frames that are over: what the melody did in each, and the chord of each hypothesis
/// there.
///
/// Real-time: allocates only when it is made.
struct FrameHistory {
  private struct Moment {
    var melody = MelodyEvent.rest
    /// The melody's note after the event.
    var state = MelodyState.silent
    /// Where the frame stands, by the meters that were known when it came.
    var place = MetricalPlace(place: 0, length: 1, bar: 0, meter: .fourFour)
  }

  /// How many frames are kept: what another network reads before it takes over.
  static let length = 256

  /// Ring buffers of `length` frames; of chords there is one for each hypothesis.
  private var moments = [Moment](repeating: Moment(), count: length)
  private var chords: [ChordEvent]
  /// How many frames were appended so far: the number of the next one.
  private(set) var end = 0

  /// - Parameter hypotheses: how many there are at most.
  init(hypotheses: Int) {
    chords = Array(repeating: ChordEvent(), count: hypotheses * Self.length)
  }

  /// The numbers of the frames that are kept.
  var frames: Range<Int> { max(0, end - Self.length)..<end }

  /// Appends a frame, in which hypothesis n has chords[n].
  mutating func append(
    _ melody: MelodyEvent, _ state: MelodyState, _ place: MetricalPlace, chords: [ChordEvent]
  ) {
    moments[end % Self.length] = Moment(melody: melody, state: state, place: place)
    for (hypothesis, chord) in chords.enumerated() { self.chords[slot(hypothesis, end)] = chord }
    end += 1
  }

  /// Replaces the chord of a hypothesis in the latest frame by silence.
  mutating func silence(hypothesis: Int) { chords[slot(hypothesis, end - 1)] = ChordEvent() }

  /// Gives a hypothesis the chords of another.
  mutating func fork(from parent: Int, to child: Int) {
    for index in 0..<Self.length {
      chords[child * Self.length + index] = chords[parent * Self.length + index]
    }
  }

  /// What happened in a frame, with the chord of a hypothesis; nil where the frame is not kept.
  func events(frame: Int, hypothesis: Int) -> FrameInput.Events? {
    guard frames.contains(frame) else { return nil }
    let moment = moments[frame % Self.length]
    return FrameInput.Events(
      melody: moment.melody, state: moment.state, chord: chords[slot(hypothesis, frame)])
  }

  /// Where a frame stands. It must be one that is kept.
  func place(frame: Int) -> MetricalPlace {
    precondition(frames.contains(frame))
    return moments[frame % Self.length].place
  }

  /// The chord of a hypothesis in the latest frame.
  func latestChord(hypothesis: Int) -> ChordTokens {
    end == 0 ? .noChord : chords[slot(hypothesis, end - 1)].chord
  }

  /// The pitch class of the melody in a frame; nil in silence, or where the frame is not kept.
  func melodyNote(frame: Int) -> PitchClass? {
    frames.contains(frame) ? moments[frame % Self.length].state.pitchClass : nil
  }

  /// The pitch classes of the melody in the latest `count` frames.
  func melodyNotes(latest count: Int) -> PitchClassSet {
    var notes: PitchClassSet = []
    for frame in (end - count)..<end {
      if let note = melodyNote(frame: frame) { notes.insert(PitchClassSet(note)) }
    }
    return notes
  }

  private func slot(_ hypothesis: Int, _ frame: Int) -> Int {
    hypothesis * Self.length + frame % Self.length
  }
}
