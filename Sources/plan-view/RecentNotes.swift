import Music

/// A note that a person plays, in frames.
struct PlayedNote: Hashable {
  var channel: Channel
  var pitch: Pitch
  /// Where it began, between frames too.
  var from: Double
  /// Where it ended; nil while it is held.
  var to: Double?
}

/// What a person played of late, in the order in which it began. Bounded: a session may last for
/// hours.
struct RecentNotes {
  private(set) var notes: [PlayedNote] = []

  static let limit = 256
  /// Notes that ended longer ago are forgotten.
  static let frames = 128.0

  mutating func begin(_ note: Note, at position: Double) {
    end(note, at: position)
    if notes.count == Self.limit { notes.removeFirst() }
    notes.append(PlayedNote(channel: note.channel, pitch: note.pitch, from: position))
  }

  mutating func end(_ note: Note, at position: Double) {
    let index = notes.lastIndex {
      $0.to == nil && $0.pitch == note.pitch && $0.channel == note.channel
    }
    if let index { notes[index].to = max(position, notes[index].from) }
  }

  mutating func endAll(at position: Double) {
    for index in notes.indices where notes[index].to == nil {
      notes[index].to = max(position, notes[index].from)
    }
  }

  mutating func forget(before position: Double) {
    notes.removeAll { $0.to.map { $0 < position } ?? false }
  }
}
