import Music
import Transformer

/// Quantises a performance to one melody event a frame: the latest note or, of several at once, the
/// highest.
///
/// Onsets and ends are rounded to the nearest frame, halfway to the later one. So a note that is
/// played up to half a frame early belongs to the frame that begins next. A note lasts at least one
/// frame.
struct MelodyQuantiser {
  private struct Change {
    var time: Microseconds
    var pitch: Pitch
    var isOnset: Bool
  }

  /// Changes kept between two ticks, at most; if no ticks come, the oldest half is dropped.
  private static let maxChanges = 4096
  /// Changes since the last tick that no frame has taken yet.
  private var changes: [Change] = []
  /// The events of the latest tick's frames.
  private var events: [MelodyEvent] = []
  private var last: (frame: Frame, time: Microseconds)?
  private var sounding: Pitch?
  /// Whether the note began and ended in one frame: it ends with that frame.
  private var endsWithItsFrame = false

  /// Receives the beginning or end of a note. Drums are no melody.
  mutating func receive(_ note: Note, isOnset: Bool, at time: Microseconds) {
    guard note.channel != .drums else { return }
    if changes.count == Self.maxChanges { changes.removeFirst(Self.maxChanges / 2) }
    changes.append(Change(time: time, pitch: note.pitch, isOnset: isOnset))
  }

  /// Frame `frame` begins at `time`: returns the events of the frames from the last tick's frame up
  /// to before this one; none at the first tick.
  mutating func tick(_ frame: Frame, at time: Microseconds) -> [MelodyEvent] {
    guard let last else {
      self.last = (frame, time)
      return []
    }
    events.removeAll(keepingCapacity: true)
    var next = 0
    for passed in last.frame..<frame {
      let first = next
      while next < changes.count, self.frame(of: changes[next], before: frame, time) <= passed {
        next += 1
      }
      events.append(event(of: changes[first..<next]))
    }
    changes.removeFirst(next)
    self.last = (frame, time)
    return events
  }

  /// The pitch of a note that began early and belongs to the frame of the latest tick; nil if none
  /// did.
  var early: Pitch? {
    guard let last else { return nil }
    var highest: Pitch?
    for change in changes where change.isOnset && change.time <= last.time {
      highest = max(highest ?? change.pitch, change.pitch)
    }
    return highest
  }

  /// The frame nearest to a change between the last tick and this one.
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

  /// The event of a frame with these changes, in order.
  private mutating func event(of changes: ArraySlice<Change>) -> MelodyEvent {
    if endsWithItsFrame { sounding = nil }
    endsWithItsFrame = false
    var onset: Change?
    for change in changes {
      if change.isOnset {
        // Of notes that begin together the highest is the melody.
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
