import MidiFile
import Music

/// What was sent ahead of its time: chords that are promised wait in the sequencer's queue.
///
/// What waits can be taken back by its tag, a number for all that happens at one place in the music. So
/// what is foreseen is compared with what waits, place by place, and only what differs is sent anew.
struct Schedule: Sendable {
  enum Action: Hashable, Sendable {
    case send(Cue, tag: UInt8)
    /// Take back what was sent with the tag.
    case revoke(tag: UInt8)
  }

  /// What happens at one place.
  private struct Group: Sendable {
    let position: Double
    let time: Microseconds
    let tag: UInt8
    /// What was sent, until it is said to be played.
    var waiting: [Cue]

    func isAlike(_ cues: [Cue], within tolerance: Microseconds) -> Bool {
      guard let first = cues.first, abs((first.time - time).rawValue) <= tolerance.rawValue else {
        return false
      }
      return waiting.elementsEqual(cues) { $0.part == $1.part && $0.event == $1.event }
    }
  }

  /// A tempo that wavers moves what is to come by less than that without its being sent anew.
  private static let tolerance = Microseconds(100)
  /// What is due so soon can't be taken back for certain.
  private static let imminent = Microseconds(2_000)

  private var groups: [Group] = []
  private var lastTag: UInt8 = 0
  /// Notes that were taken back.
  private(set) var revocations = 0

  /// Takes up what will be played if nothing else comes, in order, at the stream's time `now`.
  mutating func foresee(_ cues: [Cue], at now: Microseconds) -> [Action] {
    var actions: [Action] = []
    var kept: Set<Double> = []
    let foreseen = Dictionary(grouping: cues, by: \.position)
    groups.removeAll { group in
      let isPast = group.time <= now + Self.imminent
      if isPast || group.isAlike(foreseen[group.position] ?? [], within: Self.tolerance) {
        kept.insert(group.position)
        return false
      }
      actions.append(.revoke(tag: group.tag))
      revocations += group.waiting.count {
        if case .message(.noteOn) = $0.event { true } else { false }
      }
      return true
    }
    for position in foreseen.keys.sorted() where !kept.contains(position) {
      let tag = nextTag()
      let cues = foreseen[position]!
      groups.append(Group(position: position, time: cues[0].time, tag: tag, waiting: cues))
      actions += cues.map { .send($0, tag: tag) }
    }
    return actions
  }

  /// Takes up what is played for certain: it is sent, unless it was already.
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

  /// The music has come to a place. What was sent for places before and was not played after all is to be
  /// ended.
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

  /// Nothing waits any more.
  mutating func removeAll() { groups = [] }

  /// 0 stands for what is never taken back, and the last for what is not this schedule's.
  private mutating func nextTag() -> UInt8 {
    repeat {
      lastTag = lastTag == .max - 1 ? 1 : lastTag + 1
    } while groups.contains { $0.tag == lastTag } && groups.count < Int(UInt8.max) - 1
    return lastTag
  }
}
