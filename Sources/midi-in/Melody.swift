import MidiFile
import Music

/// A note of a file: from the tick `on` to just before the tick `off`.
struct FileNote: Hashable, Sendable {
  var on: Int
  /// Always after `on`.
  var off: Int
  var note: Note
}

extension [FileNote] {
  /// Makes notes of the events of a track, in order of their beginnings.
  ///
  /// A note ends where the same key begins another one. A note that is never released ends with the last
  /// event, and one that is released at the tick where it begins lasts a tick.
  init(_ events: [TimedEvent]) {
    var notes: [FileNote] = []
    var sounding: [Key: Int] = [:]
    func release(_ note: Note, at tick: Int) {
      guard let index = sounding.removeValue(forKey: Key(note)) else { return }
      notes[index].off = Swift.max(tick, notes[index].on + 1)
    }
    for timed in events {
      switch timed.event {
      case .message(.noteOn(let note)):
        release(note, at: timed.tick)
        sounding[Key(note)] = notes.count
        notes.append(FileNote(on: timed.tick, off: .max, note: note))
      case .message(.noteOff(let note)):
        release(note, at: timed.tick)
      default: break
      }
    }
    let last = events.last?.tick ?? 0
    for index in sounding.values { notes[index].off = Swift.max(last, notes[index].on + 1) }
    self = notes
  }

  /// Makes one voice of the notes, which are in order of their beginnings.
  ///
  /// - highest, lowest: a note that begins while a higher (lower) one sounds is left out. Otherwise it cuts
  ///   off the note that sounds.
  /// - last: each note cuts off the one before. Of several at one tick the highest is kept.
  ///
  /// Small overlaps do not count as two voices. A note that ends at most `tolerance` ticks after the next
  /// one begins is played legato and ends there. A note that a better one follows within `tolerance`
  /// ticks belongs to a strummed chord and is left out.
  func melody(_ voice: Voice, tolerance: Int) -> [FileNote] {
    guard voice != .all else { return self }
    var melody: [FileNote] = []
    for next in inPlayingOrder(voice) {
      if let current = melody.last, current.off > next.on {
        let isLegato = current.off <= next.on + tolerance && current.on < next.on
        if !isLegato, voice.prefers(current.note.pitch, to: next.note.pitch) { continue }
        let isStrummed = voice != .last && next.on - current.on <= tolerance
        if current.on == next.on || (isStrummed && !isLegato) {
          melody.removeLast()
        } else {
          melody[melody.count - 1].off = next.on
        }
      }
      melody.append(next)
    }
    return melody
  }

  /// The notes in order of their beginnings. Of several at one tick the one to keep comes last.
  private func inPlayingOrder(_ voice: Voice) -> [FileNote] {
    enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      if a.on != b.on { return a.on < b.on }
      if a.note.pitch == b.note.pitch { return left.offset < right.offset }
      return voice == .lowest ? a.note.pitch > b.note.pitch : a.note.pitch < b.note.pitch
    }.map(\.element)
  }
}

extension Voice {
  fileprivate func prefers(_ sounding: Pitch, to next: Pitch) -> Bool {
    switch self {
    case .highest: sounding > next
    case .lowest: sounding < next
    case .last, .all: false
    }
  }
}

/// The key of a note: what a note-off has in common with its note-on.
private struct Key: Hashable {
  let channel: Channel
  let pitch: Pitch

  init(_ note: Note) {
    channel = note.channel
    pitch = note.pitch
  }
}
