import Chords
import Records

/// What has been promised: the chords that are published from the frame at hand up to `commit`.
/// No promise is ever changed, and `commit` never moves back.
struct Promises {
  typealias Spelling = ChordVocabulary.Spelling

  /// The first frame that is not promised.
  private(set) var commit: Frame
  /// The chords of the promised frames from `first` on.
  private var chords: [Spelling] = []
  private var first: Frame
  /// What is published for the frame before `first`, and since when it has sounded.
  private var before: (chord: Spelling, since: Frame)

  init(from frame: Frame) {
    (commit, first) = (frame, frame)
    before = (.noChord, frame)
  }

  /// Nil where nothing is promised.
  subscript(frame: Frame) -> Spelling? {
    first..<commit ~= frame ? chords[first.distance(to: frame)] : nil
  }

  /// Time has come to `frame`: what lies before it is history. Frames that went by without a promise
  /// were silent.
  mutating func advance(to frame: Frame) {
    while first < frame, !chords.isEmpty { pass(chords.removeFirst()) }
    if first < frame {
      pass(.noChord)
      first = frame
    }
    commit = max(commit, frame)
  }

  private mutating func pass(_ chord: Spelling) {
    if chord != before.chord { before = (chord, first) }
    first = first + 1
  }

  /// Promises the frames of a plan's chords up to `frame` that are not promised yet.
  mutating func extend(to frame: Frame, _ planned: [(from: Frame, to: Frame, chord: Spelling)]) {
    for chord in planned where chord.from < frame && chord.to > commit {
      let end = min(chord.to, frame)
      chords += Array(repeating: chord.chord, count: commit.distance(to: end))
      commit = end
    }
  }

  /// Chords one after another from the frame at hand on, as a plan has them: alike ones are one,
  /// and one that sounds already begins where it began. Frames that are not promised are asked for,
  /// each with the chord that sounds before it.
  func chords(
    until: Frame, _ choose: (Frame, _ sounding: Spelling) -> Spelling
  ) -> [(from: Frame, to: Frame, chord: Spelling)] {
    var result: [(from: Frame, to: Frame, chord: Spelling)] = []
    var last = before
    for frame in first..<until {
      let chord = self[frame] ?? choose(frame, last.chord)
      if chord != last.chord { last = (chord, frame) }
      if let current = result.last, current.chord == chord {
        result[result.count - 1].to = frame + 1
      } else {
        result.append((last.since, frame + 1, chord))
      }
    }
    return result
  }
}
