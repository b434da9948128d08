import Music
import Transformer

/// Hears a performance as one melody in frames: the latest note, of several at once the highest.
///
/// Onsets and ends are rounded to the nearest frame, halfway to the later one, so a note played up to
/// half a frame early belongs to the frame that begins next. A note lasts at least a frame.
struct Listener {
  private struct Change {
    var time: Microseconds
    var pitch: Pitch
    var isOnset: Bool
  }

  /// More than anyone plays in a frame: beyond it, where no ticks come, the oldest are forgotten.
  private static let mostChanges = 4096
  /// What was played since the last tick, not yet given to a frame.
  private var changes: [Change] = []
  /// What the last tick's frames came to: room for those of the next.
  private var events: [MelodyEvent] = []
  private var last: (frame: Frame, time: Microseconds)?
  private var sounding: Pitch?
  /// The note began and ended in one frame: it ends with it.
  private var endsWithItsFrame = false

  /// Takes up a note's beginning or end. Drums are no melody.
  mutating func receive(_ note: Note, isOnset: Bool, at time: Microseconds) {
    guard note.channel != .drums else { return }
    if changes.count == Self.mostChanges { changes.removeFirst(Self.mostChanges / 2) }
    changes.append(Change(time: time, pitch: note.pitch, isOnset: isOnset))
  }

  /// Frame `frame` begins at `time`: what the melody did in the frames from the last tick's up to
  /// before this one. At the first tick there are none.
  mutating func tick(_ frame: Frame, at time: Microseconds) -> [MelodyEvent] {
    guard let last else {
      self.last = (frame, time)
      return []
    }
    events.removeAll(keepingCapacity: true)
    var next = 0
    for heard in last.frame..<frame {
      let first = next
      while next < changes.count, self.frame(of: changes[next], before: frame, time) <= heard {
        next += 1
      }
      events.append(hear(changes[first..<next]))
    }
    changes.removeFirst(next)
    self.last = (frame, time)
    return events
  }

  /// A note that was begun early and belongs to the frame of the last tick; known right after it.
  var early: Pitch? {
    guard let last else { return nil }
    var highest: Pitch?
    for change in changes where change.isOnset && change.time <= last.time {
      highest = max(highest ?? change.pitch, change.pitch)
    }
    return highest
  }

  /// The frame nearest to a change, between the last tick and the one now.
  private func frame(
    of change: Change, before frame: Frame, _ time: Microseconds
  ) -> Frame {
    guard let last else { return frame }
    let length = (time - last.time).rawValue
    let elapsed = (change.time - last.time).rawValue
    guard length > 0, elapsed > 0 else { return last.frame }
    let frames = Double(elapsed) / Double(length) * Double(last.frame.distance(to: frame))
    return last.frame + Int((frames + 0.5).rounded(.down))
  }

  /// What one frame's changes, in order, come to.
  private mutating func hear(_ changes: ArraySlice<Change>) -> MelodyEvent {
    if endsWithItsFrame { sounding = nil }
    endsWithItsFrame = false
    var onset: Change?
    for change in changes {
      if change.isOnset {
        // Of notes struck together the highest is the melody.
        if let onset, onset.time == change.time, onset.pitch > change.pitch { continue }
        onset = change
        endsWithItsFrame = false
      } else if change.pitch == onset?.pitch {
        endsWithItsFrame = true
      } else if onset == nil, change.pitch == sounding {
        sounding = nil
      }
    }
    if let onset {
      sounding = onset.pitch
      return .onset(onset.pitch)
    }
    return sounding == nil ? .rest : .hold
  }
}
