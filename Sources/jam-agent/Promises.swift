import Chords
import Music

/// What has been promised: the chords that are published from the frame at hand up to `commit`; and
/// what is meant to follow. No promise is ever changed, and `commit` never moves back.
///
/// Real-time: once it has held a plan, it allocates nothing for another one.
struct Promises {
  /// The first frame that is not promised.
  private(set) var commit: Frame
  /// What is played from the frame at hand on: what is promised, and then what was planned last.
  private(set) var choices: [Choice] = []
  /// The frame at hand.
  private var first: Frame
  /// What is published for the frame before it, and since when it has sounded.
  private var before: (choice: Choice, since: Frame)

  /// What is played as the first frame begins that is neither promised nor planned.
  var sounding: Choice { choices.last ?? before.choice }

  init(from frame: Frame) {
    (commit, first) = (frame, frame)
    before = (Choice(), frame)
  }

  /// Time has come to `frame`: what lies before it is history. Frames that went by without a promise
  /// were silent.
  mutating func advance(to frame: Frame) {
    forgetWhatIsNotPromised()
    while first < frame, !choices.isEmpty { pass(choices.removeFirst()) }
    if first < frame {
      pass(Choice())
      first = frame
    }
    commit = max(commit, frame)
  }

  private mutating func pass(_ choice: Choice) {
    before = (choice, choice.chord == before.choice.chord ? before.since : first)
    first = first + 1
  }

  private mutating func forgetWhatIsNotPromised() {
    choices.removeLast(choices.count - first.distance(to: commit))
  }

  /// Plans the frames from `commit` up to `until` anew, by what `choose` says of each, told what
  /// sounds before.
  mutating func plan(until: Frame, _ choose: (Frame, _ sounding: Choice) -> Choice) {
    forgetWhatIsNotPromised()
    for frame in commit..<max(commit, until) {
      choices.append(choose(frame, sounding))
    }
  }

  /// Promises of what is planned what lies before `frame`.
  mutating func promise(upTo frame: Frame) {
    precondition(frame >= commit && first.distance(to: frame) <= choices.count)
    commit = frame
  }

  /// Promises more, up to `frame`, as long as what is planned is at least that sure.
  mutating func promise(upTo frame: Frame, ifSure least: Double) {
    while commit < frame, let confidence = choices[first.distance(to: commit)].confidence,
      confidence >= least
    {
      commit = commit + 1
    }
  }

  /// What is played from the frame at hand on, as a plan has it: alike choices are one chord, and one
  /// that sounds already begins where it began.
  func forEachChord(_ body: (_ from: Frame, _ to: Frame, Choice) -> Void) {
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

  /// A chord is as sure as where it is least so.
  private func least(_ one: Double?, _ other: Double?) -> Double? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
  }
}
