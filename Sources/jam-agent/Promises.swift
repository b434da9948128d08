import Chords
import Records

/// What has been promised: the chords that are published from the frame at hand up to `commit`.
/// No promise is ever changed, and `commit` never moves back.
struct Promises {
  /// The first frame that is not promised.
  private(set) var commit: Frame
  /// What is played in the promised frames from `first` on.
  private var choices: [Choice] = []
  private var first: Frame
  /// What is published for the frame before `first`, and since when it has sounded.
  private var before: (choice: Choice, since: Frame)

  init(from frame: Frame) {
    (commit, first) = (frame, frame)
    before = (Choice(), frame)
  }

  /// Time has come to `frame`: what lies before it is history. Frames that went by without a promise
  /// were silent.
  mutating func advance(to frame: Frame) {
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

  /// What is played from the frame at hand up to `until`: what is promised, and of the frames after
  /// that what `choose` says, each time told what sounds before.
  func choices(until: Frame, _ choose: (Frame, _ sounding: Choice) -> Choice) -> [Choice] {
    var result = choices
    for frame in commit..<max(commit, until) {
      result.append(choose(frame, result.last ?? before.choice))
    }
    return result
  }

  /// Promises of what is planned from the frame at hand on what lies before `frame`.
  mutating func extend(to frame: Frame, _ planned: [Choice]) {
    choices = Array(planned.prefix(first.distance(to: frame)))
    commit = frame
  }

  /// Choices from the frame at hand on, as a plan has them: alike ones are one chord, and one that
  /// sounds already begins where it began.
  func chords(_ planned: [Choice]) -> [(from: Frame, to: Frame, choice: Choice)] {
    var result: [(from: Frame, to: Frame, choice: Choice)] = []
    for (offset, choice) in planned.enumerated() {
      let frame = first + offset
      if let last = result.last?.choice, last.chord == choice.chord {
        result[result.count - 1].to = frame + 1
        result[result.count - 1].choice.confidence = least(last.confidence, choice.confidence)
      } else {
        let isHeld = offset == 0 && choice.chord == before.choice.chord
        result.append((isHeld ? before.since : frame, frame + 1, choice))
      }
    }
    return result
  }

  /// A chord is as sure as where it is least so.
  private func least(_ one: Double?, _ other: Double?) -> Double? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
  }
}
