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
  /// A key that goes down again before it has come up begins another note, which ends the one
  /// before and lasts until the key has come up as often as it went down. If it goes down twice at
  /// one tick, two parts play the same note: it is played once, with the louder velocity.
  ///
  /// A note that is never released ends where the same key begins another one, or else with the
  /// last event. One that is released at the tick where it begins lasts a tick.
  init(_ events: [TimedEvent]) {
    var notes: [FileNote] = []
    var sounding: [Key: Int] = [:]
    for var note in Self.paired(events) {
      if let index = sounding[Key(note.note)], notes[index].off > note.on {
        let end = Self.later(notes[index].off, note.off)
        if note.on == notes[index].on {
          notes[index].off = end
          if note.note.velocity > notes[index].note.velocity { notes[index].note = note.note }
          continue
        }
        notes[index].off = note.on
        note.off = end
      }
      sounding[Key(note.note)] = notes.count
      notes.append(note)
    }
    let last = events.last?.tick ?? 0
    for index in notes.indices where notes[index].off == .max {
      notes[index].off = Swift.max(last, notes[index].on + 1)
    }
    self = notes
  }

  /// The later of two ends; `.max` stands for a note that is never released.
  private static func later(_ first: Int, _ second: Int) -> Int {
    first == .max || second == .max ? Swift.min(first, second) : Swift.max(first, second)
  }

  /// Pairs each note-off with the latest note-on before it, so that a note-on left over is one that
  /// is never released: its note ends at `.max`. A note-off at the tick of a note-on is for an
  /// earlier one if there is one, whichever comes first in the file.
  private static func paired(_ events: [TimedEvent]) -> [FileNote] {
    var notes: [FileNote] = []
    var open: [Key: OpenNotes] = [:]
    for timed in events {
      switch timed.event {
      case .message(.noteOn(let note)):
        open[Key(note), default: OpenNotes()].add(notes.count, at: timed.tick)
        notes.append(FileNote(on: timed.tick, off: .max, note: note))
      case .message(.noteOff(let note)):
        guard let index = open[Key(note)]?.remove(at: timed.tick) else { continue }
        notes[index].off = Swift.max(timed.tick, notes[index].on + 1)
      default: break
      }
    }
    return notes
  }

  /// Makes one voice of the notes, which are in order of their beginnings.
  ///
  /// - highest, lowest: a note that begins while a higher (lower) one sounds is left out. Otherwise
  ///   it cuts off the note that sounds.
  /// - last: each note cuts off the one before. Of several at one tick the highest is kept.
  ///
  /// Small overlaps do not count as two voices. A note that ends at most `tolerance` ticks after
  /// the next one begins is played legato and ends there. A note that a better one follows within
  /// `tolerance` ticks belongs to a strummed chord and is left out.
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

/// The note-ons of a key that wait for their note-offs, by their indices.
private struct OpenNotes {
  private var earlier: [Int] = []
  private var current: [Int] = []
  /// The tick of the current ones.
  private var tick = 0

  mutating func add(_ index: Int, at tick: Int) {
    advance(to: tick)
    current.append(index)
  }

  mutating func remove(at tick: Int) -> Int? {
    advance(to: tick)
    return earlier.popLast() ?? current.popLast()
  }

  private mutating func advance(to tick: Int) {
    guard tick != self.tick else { return }
    self.tick = tick
    earlier += current
    current.removeAll()
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
