import Chords
import Music

/// The chords from the current frame on: those before `commit`, which never change, and what is
/// planned after them. `commit` never moves back.
///
/// Real-time: allocates only while its buffer grows.
struct CommittedPlan {
  /// The first frame that is not committed.
  private(set) var commit: Frame
  /// The chord of each frame from the current one on: committed ones, then those planned last.
  private(set) var choices: [ChordChoice] = []
  /// The current frame.
  private var first: Frame
  /// The published chord of the frame before it, and the frame in which that chord began.
  private var before: (choice: ChordChoice, since: Frame)

  /// The chord before the first frame that is neither committed nor planned.
  var sounding: ChordChoice { choices.last ?? before.choice }

  /// A plan without chords that begins at a frame.
  init(from frame: Frame) {
    (commit, first) = (frame, frame)
    before = (ChordChoice(), frame)
  }

  /// Moves the current frame to `frame`, and drops what is planned but not committed. In frames
  /// that passed without being committed the last chord counts as held.
  mutating func advance(to frame: Frame) {
    dropTentative()
    while first < frame, !choices.isEmpty { pass(choices.removeFirst()) }
    first = max(first, frame)
    commit = max(commit, frame)
  }

  private mutating func pass(_ choice: ChordChoice) {
    before = (choice, choice.chord == before.choice.chord ? before.since : first)
    first = first + 1
  }

  private mutating func dropTentative() {
    choices.removeLast(choices.count - first.distance(to: commit))
  }

  /// Plans the frames from `commit` up to `until` again. `choose` gives the chord of a frame, told
  /// the one that sounds before it.
  mutating func plan(until: Frame, _ choose: (Frame, _ sounding: ChordChoice) -> ChordChoice) {
    dropTentative()
    for frame in commit..<max(commit, until) {
      choices.append(choose(frame, sounding))
    }
  }

  /// Commits what is planned before `frame`.
  mutating func commit(upTo frame: Frame) {
    precondition(frame >= commit && first.distance(to: frame) <= choices.count)
    commit = frame
  }

  /// Commits more of what is planned before `frame`, as long as its confidence is at least `least`.
  mutating func commit(upTo frame: Frame, ifConfidence least: Double) {
    while commit < frame, let confidence = choices[first.distance(to: commit)].confidence,
      confidence >= least
    {
      commit = commit + 1
    }
  }

  /// The published chord of a frame that is not before the current one by more than one. After the
  /// committed frames the last chord counts as held.
  func chord(at frame: Frame) -> ChordTokens {
    let index = first.distance(to: min(frame, commit - 1))
    return (choices.indices.contains(index) ? choices[index] : before.choice).chord
  }

  /// Calls `body` with each chord from the current frame on, and its frames. Equal neighbours are
  /// one chord, with the least of their confidences. A chord that sounds already begins where it
  /// began.
  func forEachChord(_ body: (_ from: Frame, _ to: Frame, ChordChoice) -> Void) {
    guard var chord = choices.first else { return }
    var from = chord.chord == before.choice.chord ? before.since : first
    for (offset, choice) in choices.enumerated().dropFirst() {
      if choice.chord == chord.chord {
        chord.confidence = least(chord.confidence, choice.confidence)
      } else {
        body(from, first + offset, chord)
        (from, chord) = (first + offset, choice)
      }
    }
    body(from, first + choices.count, chord)
  }

  private func least(_ one: Double?, _ other: Double?) -> Double? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
  }
}
