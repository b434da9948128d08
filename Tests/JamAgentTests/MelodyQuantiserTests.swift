import Music
import Testing
import Transformer

@testable import jam_agent

/// Time is drawn as text. In the performance, a column is a quarter of a frame: `(` begins a note
/// and `)` ends it, `[` and `]` a higher one. In the result, a column is a frame: a letter is an
/// onset, `-` a hold and `.` a rest.
@Suite struct MelodyQuantiserTests {
  @Test(
    "notes become one melody event a frame, rounded to the nearest frame",
    arguments: [
      // On the grid.
      ("(       )   (   )   |", "c-.c."),
      // A note up to half a frame early belongs to the next frame, an earlier one does not.
      ("      (     )       |", "..c.."),
      ("     (     )        |", ".c-.."),
      ("       (       )    |", "..c-."),
      // A note lasts at least one frame, even if it begins and ends within one.
      ("(   ()      ()      |", "cc.c."),
      // The latest note is the melody. A rest follows its end, even if another note is held.
      ("(   [   )   ]       |", "ce-.."),
      ("(   [   ]   )       |", "ce..."),
      // A repeated note.
      ("(  )(  )(       )   |", "ccc-."),
    ])
  func quantises(played: String, expected: String) {
    #expect(quantised(played) == expected)
  }

  @Test("of notes that begin together the highest is the melody")
  func takesHighest() {
    for pitches in [[60, 64, 67], [67, 60, 64], [64, 67, 60]] {
      var quantiser = MelodyQuantiser()
      _ = quantiser.tick(Frame(0), at: .zero)
      for pitch in pitches { quantiser.receive(note(pitch), isOnset: true, at: .zero) }
      #expect(quantiser.tick(Frame(1), at: Microseconds(1000)) == [.onset(Pitch(67)!)])
      for pitch in [60, 64] {
        quantiser.receive(note(pitch), isOnset: false, at: Microseconds(1000))
      }
      #expect(quantiser.tick(Frame(2), at: Microseconds(2000)) == [.hold])
    }
  }

  @Test("drums are no melody")
  func ignoresDrums() {
    var quantiser = MelodyQuantiser()
    _ = quantiser.tick(Frame(0), at: .zero)
    quantiser.receive(note(38, channel: 10), isOnset: true, at: .zero)
    #expect(quantiser.tick(Frame(1), at: Microseconds(1000)) == [.rest])
  }

  @Test("a note that begins early is known as its frame begins")
  func earlyNote() {
    var quantiser = MelodyQuantiser()
    _ = quantiser.tick(Frame(0), at: .zero)
    quantiser.receive(note(60), isOnset: true, at: Microseconds(600))
    #expect(quantiser.tick(Frame(1), at: Microseconds(1000)) == [.rest])
    #expect(quantiser.early == Pitch(60))
    #expect(quantiser.tick(Frame(2), at: Microseconds(2000)) == [.onset(Pitch(60)!)])
    #expect(quantiser.early == nil)
  }

  @Test("frames without a tick get their events at the next tick")
  func skippedTicks() {
    var quantiser = MelodyQuantiser()
    _ = quantiser.tick(Frame(0), at: .zero)
    quantiser.receive(note(60), isOnset: true, at: Microseconds(1100))
    quantiser.receive(note(60), isOnset: false, at: Microseconds(2900))
    #expect(
      quantiser.tick(Frame(4), at: Microseconds(4000)) == [.rest, .onset(Pitch(60)!), .hold, .rest])
  }

  private func note(_ pitch: Int, channel: Int = 1) -> Note {
    Note(channel: Channel(channel)!, pitch: Pitch(pitch)!, velocity: Velocity(80)!)
  }

  private func quantised(_ played: String) -> String {
    var quantiser = MelodyQuantiser()
    var frames = ""
    let (low, high) = (Pitch(60)!, Pitch(64)!)
    for (column, symbol) in played.enumerated() {
      let time = Microseconds(Int64(column) * 250)
      if column % 4 == 0 {
        for event in quantiser.tick(Frame(column / 4), at: time) {
          switch event {
          case .rest: frames += "."
          case .hold: frames += "-"
          case .onset(let pitch): frames += pitch == low ? "c" : "e"
          }
        }
      }
      let changes: [Character: (Pitch, Bool)] = [
        "(": (low, true), ")": (low, false), "[": (high, true), "]": (high, false),
      ]
      guard let (pitch, isOnset) = changes[symbol] else { continue }
      quantiser.receive(note(Int(pitch.rawValue)), isOnset: isOnset, at: time)
    }
    return frames
  }
}
