import Music

/// A note that a person plays; its place is in frames and parts of them.
struct PlayedNote: Hashable {
  var channel: Channel
  var pitch: Pitch
  var from: Double
  /// Nil while the note is held.
  var to: Double?
}

/// The notes of the last bars, in the order in which they began. At most `limit` are kept.
struct RecentNotes {
  private(set) var notes: [PlayedNote] = []

  static let limit = 256
  /// How long a note is remembered after its end, in frames.
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

  /// The melody's note in a frame, and whether it begins there: of the notes that sound, the
  /// latest, and of several that begin at once the highest. Nil in a rest. Notes begin and end with
  /// the nearest frame, and last at least one.
  func melodyNote(in frame: Frame) -> (pitch: Pitch, isOnset: Bool)? {
    func nearest(_ position: Double) -> Int { Int((position + 0.5).rounded(.down)) }
    var latest: (begin: Int, pitch: Pitch)?
    for note in notes {
      let begin = nearest(note.from)
      let end = note.to.map { max(begin + 1, nearest($0)) } ?? .max
      guard begin <= frame.rawValue, frame.rawValue < end else { continue }
      if let latest, (latest.begin, latest.pitch) >= (begin, note.pitch) { continue }
      latest = (begin, note.pitch)
    }
    return latest.map { ($0.pitch, $0.begin == frame.rawValue) }
  }

  /// The notes that have begun or ended since an earlier state, after which at most one has begun.
  func notes(since earlier: RecentNotes) -> [PlayedNote] {
    let known = Set(earlier.notes)
    var changed = notes.filter { !known.contains($0) }
    // A key that is pressed twice at the same place begins a note like the one that it ends.
    if let last = notes.last, last.to == nil, !changed.isEmpty, changed.last != last {
      changed.append(last)
    }
    return changed
  }

  mutating func forget(before position: Double) {
    notes.removeAll { $0.to.map { $0 < position } ?? false }
  }
}
