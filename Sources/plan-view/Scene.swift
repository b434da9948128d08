import Records

/// What a view draws: the session, and how its viewer wants to see it.
struct Scene: Sendable {
  var state = SessionState()
  var options = ViewOptions()

  /// Adds a record to the session. A `set` record may also change the options.
  mutating func receive(_ record: Record) {
    state.receive(record)
    options = options.receiving(record)
  }

  /// The key that the viewer chose, or else the guessed one.
  var key: MusicalKey? { options.key ?? state.keyGuess.key }

  /// How chords and notes are written.
  func naming(_ text: DisplayText) -> ChordNaming {
    ChordNaming(
      notation: options.notation, key: key, transposition: options.transposition, text: text)
  }
}
