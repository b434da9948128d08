import MidiFile
import Music

/// Decides what is sent to the sequencer's queue ahead of its time, and what of it is revoked.
///
/// All cues at one position get one tag, by which they can be revoked. Each preview of the
/// committed music is compared with the cues that wait, position by position: only what differs is
/// sent again.
struct Schedule: Sendable {
  enum Action: Hashable, Sendable {
    case send(Cue, tag: UInt8)
    /// Revoke what was sent with the tag.
    case revoke(tag: UInt8)
  }

  /// The cues at one position that were sent ahead.
  private struct Group: Sendable {
    let position: Double
    let time: Microseconds
    let tag: UInt8
    /// The cues of the group that `play(_:)` has not confirmed yet.
    var waiting: [Cue]

    func isAlike(_ cues: [Cue], within tolerance: Microseconds) -> Bool {
      guard let first = cues.first, abs((first.time - time).rawValue) <= tolerance.rawValue else {
        return false
      }
      return waiting.elementsEqual(cues) { $0.part == $1.part && $0.event == $1.event }
    }
  }

  /// If a changing tempo moves cues by no more than this, they are not sent again.
  private static let tolerance = Microseconds(100)
  /// Cues that are due this soon may be played before they are revoked.
  private static let imminent = Microseconds(2_000)

  private var groups: [Group] = []
  private var lastTag: UInt8 = 0
  /// How many notes were revoked.
  private(set) var revocations = 0

  /// Handles a preview: what will be played if no other record comes, in order. `now` is the
  /// stream's time.
  mutating func preview(_ cues: [Cue], at now: Microseconds) -> [Action] {
    var actions: [Action] = []
    var kept: Set<Double> = []
    let previewed = Dictionary(grouping: cues, by: \.position)
    groups.removeAll { group in
      let isPast = group.time <= now + Self.imminent
      if isPast || group.isAlike(previewed[group.position] ?? [], within: Self.tolerance) {
        kept.insert(group.position)
        return false
      }
      actions.append(.revoke(tag: group.tag))
      revocations += group.waiting.count {
        if case .message(.noteOn) = $0.event { true } else { false }
      }
      return true
    }
    for position in previewed.keys.sorted() where !kept.contains(position) {
      let tag = nextTag()
      let cues = previewed[position]!
      groups.append(Group(position: position, time: cues[0].time, tag: tag, waiting: cues))
      actions += cues.map { .send($0, tag: tag) }
    }
    return actions
  }

  /// Handles a cue that is played for certain. Returns nil if it was sent ahead.
  mutating func play(_ cue: Cue) -> Action? {
    for index in groups.indices where groups[index].position == cue.position {
      let place = groups[index].waiting.firstIndex {
        $0.part == cue.part && $0.event == cue.event
      }
      if let place {
        groups[index].waiting.remove(at: place)
        return nil
      }
    }
    return .send(cue, tag: 0)
  }

  /// Forgets the groups before a position. Returns the ends of notes that were sent ahead and that
  /// the player did not play after all.
  mutating func forget(before position: Double) -> [Action] {
    var actions: [Action] = []
    groups.removeAll { group in
      guard group.position < position else { return false }
      for cue in group.waiting {
        guard case .message(.noteOn(let note)) = cue.event else { continue }
        var end = cue
        end.event = .message(.noteOff(note.released))
        actions.append(.send(end, tag: 0))
      }
      return true
    }
    return actions
  }

  /// Forgets all groups: nothing waits any more.
  mutating func removeAll() { groups = [] }

  /// A tag that no group has. 0 stands for cues that are never revoked, and 255 is not the
  /// schedule's.
  private mutating func nextTag() -> UInt8 {
    repeat {
      lastTag = lastTag == .max - 1 ? 1 : lastTag + 1
    } while groups.contains { $0.tag == lastTag } && groups.count < Int(UInt8.max) - 1
    return lastTag
  }
}
