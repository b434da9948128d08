import Music
import Records

/// What an agent has promised, from one plan to the next: chords for all frames before `commit`.
struct Promises: Sendable {
  /// What is promised for a frame.
  enum Promise: Hashable, Sendable {
    /// Nothing yet.
    case open
    /// That no chord sounds.
    case silence
    case chord(PlannedChord)
  }

  /// Promises farther ahead than this many frames are not believed, which bounds what is kept.
  static let longestHorizon = 16_384

  /// The first frame not promised; nil before the first plan.
  private(set) var commit: Frame?
  /// In order, without overlap, the last up to `commit`; frames between them are silent.
  private var chords: [PlannedChord] = []
  /// The first frame that was not forgotten.
  private var start = Frame(.min)

  /// What is promised for a frame that was not forgotten.
  func promise(for frame: Frame) -> Promise {
    guard let commit, frame < commit else { return .open }
    // The frames asked for are among the first.
    return chords.first { $0.from <= frame && frame < $0.to }.map(Promise.chord) ?? .silence
  }

  /// Takes from a plan what it adds. False if it contradicts what was promised before: that is kept,
  /// and only the frames from there on are taken.
  mutating func take(_ plan: Plan) -> Bool {
    let sounding = plan.chords.filter { $0.symbol != "N" }
    let isTrue = isConsistent(plan, sounding)
    let old = commit ?? plan.frame
    let new = min(plan.commit, plan.until, plan.frame + Self.longestHorizon)
    guard new > old else { return isTrue }
    for chord in sounding where chord.from < new && chord.to > old {
      append(chord, from: old, to: new)
    }
    commit = new
    return isTrue
  }

  /// Forgets what is over, but not what the next promise may prolong.
  mutating func forget(before frame: Frame) {
    let count = chords.prefix { $0.to <= frame && $0.to != commit }.count
    if count > 0 { chords.removeFirst(count) }
    start = max(start, frame)
  }

  private mutating func append(_ chord: PlannedChord, from old: Frame, to new: Frame) {
    let to = min(chord.to, new)
    if chord.from < old, let last = chords.last, last.to == old, last.isAlike(chord) {
      chords[chords.count - 1].to = to
    } else {
      var added = chord
      (added.from, added.to) = (max(chord.from, old), to)
      chords.append(added)
    }
  }

  /// Whether a plan says of the promised frames what was said before, as far as it speaks of them.
  private func isConsistent(_ plan: Plan, _ sounding: [PlannedChord]) -> Bool {
    guard let commit else { return true }
    guard plan.commit >= commit else { return false }
    let end = min(commit, plan.until)
    let begin = max(plan.frame, start)
    guard begin < end else { return true }
    let window = begin..<end
    let (kept, said) = (chords.clipped(to: window), sounding.clipped(to: window))
    return kept.elementsEqual(said) { $0.from == $1.from && $0.to == $1.to && $0.isAlike($1) }
  }
}

extension PlannedChord {
  fileprivate func isAlike(_ other: PlannedChord) -> Bool {
    symbol == other.symbol && bass == other.bass
  }
}

extension [PlannedChord] {
  /// A chord that sounds already when the window opens begins with it: a plan need not say when it
  /// was struck.
  fileprivate func clipped(to window: Range<Frame>) -> [PlannedChord] {
    filter { $0.from < window.upperBound && $0.to > window.lowerBound }.map { chord in
      var clipped = chord
      clipped.from = Swift.max(chord.from, window.lowerBound)
      clipped.to = Swift.min(chord.to, window.upperBound)
      return clipped
    }
  }
}
