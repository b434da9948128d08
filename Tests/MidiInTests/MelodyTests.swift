import MidiFile
import Music
import Testing

@testable import midi_in

@Suite struct MelodyTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// The drawings of voices that sound together.
    let drawings: [String]
    var highest: String
    var lowest: String
    var last: String
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "chords", drawings: ["C---D---", "E---F---", "G---A---"], highest: "G---A---",
      lowest: "C---D---", last: "G---A---"),
    Case(
      name: "a higher voice enters and leaves", drawings: ["C-------D---", "..G-........"],
      highest: "C-G-....D---", lowest: "C-------D---", last: "C-G-....D---"),
    Case(
      name: "a lower voice enters under a long note", drawings: ["G-------", "..C---.."],
      highest: "G-------", lowest: "G-C---..", last: "G-C---.."),
    Case(
      name: "one voice crosses another", drawings: ["C-----", "..E-D-"],
      highest: "C-E-D-", lowest: "C-----", last: "C-E-D-"),
  ]

  @Test("keeps one voice of several", arguments: cases) func followsOneVoice(_ test: Case) throws {
    for (voice, melody) in [
      (Voice.highest, test.highest), (.lowest, test.lowest), (.last, test.last),
    ] {
      #expect(played(test.drawings, voice) == melody, "\(voice)")
    }
  }

  /// The melody of several drawings at once.
  func played(_ drawings: [String], _ voice: Voice) -> String {
    let events = drawings.flatMap { Drawing.events($0) }.sorted { $0.tick < $1.tick }
    var frames = Array(repeating: Character("."), count: drawings[0].count)
    for note in [FileNote](events).melody(voice, tolerance: 60) {
      let (on, off) = (note.on / Drawing.ticksPerFrame, note.off / Drawing.ticksPerFrame)
      for frame in on..<off { frames[frame] = frame == on ? Drawing.letter(note.note.pitch) : "-" }
    }
    return String(frames)
  }

  struct Overlap: Sendable {
    /// Pitch, first tick, last tick.
    let notes: [[Int]]
    let voice: Voice
    let melody: [[Int]]
  }

  @Test(
    "does not take legato or strummed chords for several voices",
    arguments: [
      // Legato: the higher note ends just after the lower one begins.
      Overlap(
        notes: [[67, 0, 500], [64, 480, 960]], voice: .highest,
        melody: [[67, 0, 480], [64, 480, 960]]),
      Overlap(notes: [[67, 0, 600], [64, 480, 960]], voice: .highest, melody: [[67, 0, 600]]),
      // A strummed chord: notes that the highest one cuts off at once are left out.
      Overlap(
        notes: [[60, 0, 480], [64, 20, 480], [67, 40, 480]], voice: .highest,
        melody: [[67, 40, 480]]),
      Overlap(
        notes: [[60, 0, 480], [64, 20, 480], [67, 40, 480]], voice: .last,
        melody: [[60, 0, 20], [64, 20, 40], [67, 40, 480]]),
      // A grace note that ends before the next note is kept.
      Overlap(
        notes: [[60, 0, 40], [64, 40, 480]], voice: .highest,
        melody: [[60, 0, 40], [64, 40, 480]]),
      Overlap(
        notes: [[60, 0, 480], [64, 0, 480]], voice: .all, melody: [[60, 0, 480], [64, 0, 480]]),
      // The same note is repeated.
      Overlap(
        notes: [[60, 0, 480], [60, 480, 960]], voice: .highest,
        melody: [[60, 0, 480], [60, 480, 960]]),
    ]) func tellsVoicesFromTouch(_ test: Overlap)
  {
    let notes = test.notes.map {
      FileNote(
        on: $0[1], off: $0[2],
        note: Note(channel: Channel(1)!, pitch: Pitch($0[0])!, velocity: Velocity(90)!))
    }
    let melody = notes.melody(test.voice, tolerance: 60)
    #expect(melody.map { [Int($0.note.pitch.rawValue), $0.on, $0.off] } == test.melody)
  }

  static func note(_ pitch: Int) -> Note {
    Note(channel: Channel(1)!, pitch: Pitch(pitch)!, velocity: Velocity(90)!)
  }

  struct Pairing: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Ticks at which one key goes down; negative where it comes up.
    let events: [Int]
    /// The beginnings and ends of the notes.
    let notes: [[Int]]
  }

  @Test(
    "pairs note-ons with note-offs; no note is shorter than the file says",
    arguments: [
      Pairing(
        testDescription: "one after the other", events: [0, -100, 100, -200],
        notes: [[0, 100], [100, 200]]),
      Pairing(
        testDescription: "the end comes behind the next beginning", events: [0, 100, -100, -200],
        notes: [[0, 100], [100, 200]]),
      Pairing(
        testDescription: "two parts play one note", events: [0, 0, -100, -100], notes: [[0, 100]]),
      Pairing(
        testDescription: "one of them longer", events: [0, 0, -100, -300], notes: [[0, 300]]),
      Pairing(
        testDescription: "struck again soon", events: [0, 20, -400, -410],
        notes: [[0, 20], [20, 410]]),
      Pairing(
        testDescription: "struck again while it sounds", events: [0, 100, -300, -400],
        notes: [[0, 100], [100, 400]]),
      Pairing(
        testDescription: "a short note in a long one", events: [0, 100, -200, -400],
        notes: [[0, 100], [100, 400]]),
      Pairing(
        testDescription: "a fast repetition", events: [0, -30, 30, -60],
        notes: [[0, 30], [30, 60]]),
      Pairing(
        testDescription: "never released, struck again", events: [0, 100, -200, 300, -400],
        notes: [[0, 100], [100, 200], [300, 400]]),
      Pairing(
        testDescription: "never released", events: [0, -100, 200], notes: [[0, 100], [200, 201]]),
      Pairing(
        testDescription: "two parts, one never released", events: [0, 0, -100, 300, -400],
        notes: [[0, 100], [300, 400]]),
      Pairing(testDescription: "no length", events: [10, -10], notes: [[10, 11]]),
      Pairing(
        testDescription: "released without a beginning", events: [-5, 10, -20, -30],
        notes: [[10, 20]]),
    ])
  func pairsBeginningsAndEnds(_ test: Pairing) {
    let note = Self.note(60)
    let events = test.events.enumerated().map { index, tick in
      let isOff = tick < 0 || (tick == 0 && index > 0 && test.events[index - 1] > 0)
      return TimedEvent(
        tick: abs(tick), event: .message(isOff ? .noteOff(note) : .noteOn(note)))
    }
    #expect([FileNote](events).map { [$0.on, $0.off] } == test.notes)
  }

  /// Both are played on one key, so the louder one is heard.
  @Test("of two equal notes at once the louder is played, on each channel of its own")
  func equalNotesAtOnce() {
    func on(_ channel: Int, _ velocity: Int) -> TimedEvent {
      let note = Note(
        channel: Channel(channel)!, pitch: Pitch(60)!, velocity: Velocity(velocity)!)
      return TimedEvent(tick: 0, event: .message(.noteOn(note)))
    }
    let notes = [FileNote]([on(1, 40), on(1, 90), on(2, 50)])
    #expect(notes.map(\.note.velocity.rawValue) == [90, 50])
  }

  /// A file with a million unreleased notes of one key at one tick takes no longer than any other.
  @Test("pairs a long chain of equal notes in time that grows with its length")
  func longChains() {
    let note = Self.note(60)
    let ons = [TimedEvent](
      repeating: TimedEvent(tick: 0, event: .message(.noteOn(note))), count: 100_000)
    let offs = [TimedEvent](
      repeating: TimedEvent(tick: 9, event: .message(.noteOff(note))), count: 100_000)
    #expect([FileNote](ons + offs).map { [$0.on, $0.off] } == [[0, 9]])
  }
}
