import Keys
import Music
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
  var key: MusicalKey? { options.key ?? state.key }

  /// The name of a chord, in the key in which it was committed, unless the viewer chose one.
  func name(of chord: SessionState.ShownChord, _ text: DisplayText) -> String {
    naming(in: options.key ?? chord.key, text).name(chord.chord.symbol)
  }

  /// The name of a note, such as `E4`.
  func name(of pitch: Pitch, _ text: DisplayText) -> String {
    naming(in: key, text).name(ofPitch: Int(pitch.rawValue))
  }

  private func naming(in key: MusicalKey?, _ text: DisplayText) -> ChordNaming {
    ChordNaming(
      notation: options.notation, key: key, transposition: options.transposition, text: text)
  }
}
