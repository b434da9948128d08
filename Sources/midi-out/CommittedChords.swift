import Chords
import Music
import Records

/// A committed chord.
struct CommittedChord: Hashable, Sendable {
  var planned: PlannedChord
  /// The pitch below which its voices should stay, so that the melody is heard; nil if there is
  /// none. It is that of the time when the chord was committed, because the chord may be sent
  /// before it sounds.
  var ceiling: Pitch?
}

/// The chords that the plans of a stream have committed so far: those of all frames before
/// `commit`.
struct CommittedChords: Sendable {
  /// What is committed for one frame.
  enum Content: Hashable, Sendable {
    /// Nothing so far.
    case undecided
    /// No chord sounds.
    case silence
    case chord(CommittedChord)
  }

  /// A plan commits at most this many frames from its own on. That bounds what is kept.
  static let longestHorizon = 16_384

  /// The first frame that is not committed; nil before the first plan.
  private(set) var commit: Frame?
  /// In order, without overlap, up to `commit`. No chord sounds in the frames between them.
  private var chords: [CommittedChord] = []
  /// Frames before this one were forgotten.
  private var start = Frame(.min)

  /// What is committed for a frame that was not forgotten.
  func content(of frame: Frame) -> Content {
    guard let commit, frame < commit else { return .undecided }
    // Callers ask for frames near the beginning.
    let chord = chords.first { $0.planned.from <= frame && frame < $0.planned.to }
    return chord.map(Content.chord) ?? .silence
  }

  /// Adds the frames that a plan newly commits. Returns false if the plan contradicts what was
  /// committed before; then that is kept, and only the later frames are added.
  ///
  /// - Parameter ceiling: the pitch below which the new chords should stay.
  mutating func add(_ plan: Plan, ceiling: Pitch? = nil) -> Bool {
    let sounding = plan.chords.filter { $0.symbol != "N" }
    let isConsistent = isConsistent(plan, sounding)
    let old = commit ?? plan.frame
    let new = min(plan.commit, plan.until, plan.frame + Self.longestHorizon)
    guard new > old else { return isConsistent }
    for chord in sounding where chord.from < new && chord.to > old {
      append(chord, from: old, to: new, ceiling)
    }
    commit = new
    return isConsistent
  }

  /// Forgets chords that are over before a frame, except one that the next plan may prolong.
  mutating func forget(before frame: Frame) {
    let count = chords.prefix { $0.planned.to <= frame && $0.planned.to != commit }.count
    if count > 0 { chords.removeFirst(count) }
    start = max(start, frame)
  }

  private mutating func append(
    _ chord: PlannedChord, from old: Frame, to new: Frame, _ ceiling: Pitch?
  ) {
    let to = min(chord.to, new)
    if chord.from < old, let last = chords.last?.planned, last.to == old,
      last.isSameChord(as: chord)
    {
      chords[chords.count - 1].planned.to = to
    } else {
      var added = CommittedChord(planned: chord, ceiling: ceiling)
      (added.planned.from, added.planned.to) = (max(chord.from, old), to)
      chords.append(added)
    }
  }

  /// Whether a plan repeats what was committed before, for the committed frames that it covers.
  private func isConsistent(_ plan: Plan, _ sounding: [PlannedChord]) -> Bool {
    guard let commit else { return true }
    guard plan.commit >= commit else { return false }
    let end = min(commit, plan.until)
    let begin = max(plan.frame, start)
    guard begin < end else { return true }
    let window = begin..<end
    let kept = chords.map(\.planned).clipped(to: window)
    let planned = sounding.clipped(to: window)
    return kept.elementsEqual(planned) {
      $0.from == $1.from && $0.to == $1.to && $0.isSameChord(as: $1)
    }
  }
}

extension PlannedChord {
  /// Whether both are one chord, however it is spelled.
  fileprivate func isSameChord(as other: PlannedChord) -> Bool {
    ChordSymbol.areSame(symbol, other.symbol) && bass == other.bass
  }
}

extension [PlannedChord] {
  /// The parts of the chords that lie in a window. A chord that sounds already when the window
  /// opens begins with it, because a plan need not say when such a chord began.
  fileprivate func clipped(to window: Range<Frame>) -> [PlannedChord] {
    filter { $0.from < window.upperBound && $0.to > window.lowerBound }.map { chord in
      var clipped = chord
      clipped.from = Swift.max(chord.from, window.lowerBound)
      clipped.to = Swift.min(chord.to, window.upperBound)
      return clipped
    }
  }
}
