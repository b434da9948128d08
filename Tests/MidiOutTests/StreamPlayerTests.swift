import MidiFile
import Music
import Records
import Testing

@testable import midi_out

struct StreamPlayerTests {
  @Test("plays committed chords, however far ahead they are committed", arguments: [1, 2, 4, 16])
  func playsCommittedChords(horizon: Int) {
    let song = "C---F---G-G-..A-C---"
    var plans = song.indices.map { _ in song }
    for frame in plans.indices {
      let commit = min(frame + horizon, song.count)
      plans[frame].insert("|", at: song.index(song.startIndex, offsetBy: commit))
    }
    #expect(Drawing.heard(plans) == song)
  }

  @Test("plays only what is committed")
  func onlyWhatIsCommittedIsHeard() {
    let heard = Drawing.heard([
      "C-|--F---",
      "C--|-G---",
      "C---|A---",
      "C---|E---",
      "C---D|---",
      "C---D-|--",
    ])
    #expect(heard == "C---D-")
  }

  @Test("keeps a committed chord, whatever later plans say")
  func keepsCommittedChords() {
    var drawing = Drawing()
    let plans = [
      "C---|----",
      "C---F|---",
      "C-A-F-|--",  // Begins A where C is committed.
      "C-|---F--",  // Takes back its commit.
      "C---G---|",  // F is committed; the rest is new.
      "C---G---|",
      "C---G---|",  // Consistent with what is committed.
    ]
    for (frame, plan) in plans.enumerated() {
      drawing.tick(frame)
      drawing.plan(plan, at: frame)
    }
    drawing.finish()
    #expect(drawing.heard(frames: 7) == "C---F-G")
    #expect(drawing.player.counts.contradictions == 4)
    #expect(drawing.unbalanced.isEmpty)
  }

  @Test("counts no contradiction in consistent plans")
  func consistentPlansAreNoContradictions() {
    var drawing = Drawing()
    let plans = ["C--|-F---", "C---|F---", "C---F--|-", "C---F--G|", "C---F--G|", "C---F--G|"]
    for (frame, plan) in plans.enumerated() {
      drawing.tick(frame)
      drawing.plan(plan, at: frame)
    }
    #expect(drawing.player.counts.contradictions == 0)
  }

  @Test("holds the chord where nothing is committed")
  func holdsWhereNothingIsCommitted() {
    #expect(Drawing.heard(["C-|--", "", "", "C---F|--", "C---F-|-"]) == "C---F")
    #expect(Drawing.heard(["", "", "CCC|F", "CCCF|"]) == "..CF")
  }

  @Test("begins in the current frame with a plan for a past one")
  func aPlanForThePastComesInNow() {
    // No plan came for frames 0 and 1.
    var drawing = Drawing()
    for frame in 0..<3 { drawing.tick(frame) }
    drawing.plan("C-----|--", at: 0)
    drawing.tick(3)
    #expect(drawing.heard(frames: 4) == "..C-")
  }

  @Test("is silent for a chord that can't be read, and names it")
  func unreadableChordsAreSilent() {
    var drawing = Drawing()
    drawing.tick(0)
    drawing.plan("C-?-F-|", at: 0)
    for frame in 1..<6 { drawing.tick(frame) }
    #expect(drawing.heard(frames: 6) == "C-..F-")
    #expect(drawing.player.unreadableChord?.found == "H")
  }

  @Test(
    "begins the notes of a chord again where the pattern says",
    arguments: [
      (PlayerSettings.Pattern.held, "C---------------F---"),
      (.beats, "C---C---C---C---F---"),
      (.bars, "C---------------F---"),
    ])
  func patterns(pattern: PlayerSettings.Pattern, expected: String) {
    var settings = PlayerSettings()
    settings.pattern = pattern
    let song = "C---------------F---"
    // With the first horizon, a frame's chord is only known after its tick.
    for horizon in [1, 8] {
      let plans = (0..<20).map { frame in
        var plan = song
        plan.insert("|", at: song.index(song.startIndex, offsetBy: min(frame + horizon, 20)))
        return plan
      }
      #expect(Drawing.heard(plans, settings) == expected, "\(horizon)")
    }
  }

  @Test("drops late notes and begins them on the next beat")
  func lateNotesAreDroppedAndComeInOnTheBeat() {
    let plans = ["C|-------", "C-|------", "C--|-----", "C---|----", "C----|---", "C-----|--"]
    #expect(Drawing.heard(plans, late: [0: 99]) == "C-----")
    #expect(Drawing.heard(plans, late: [0: 101]) == "....C-")
  }

  @Test("never drops a note-off")
  func noteOffsAreNeverLate() {
    var drawing = Drawing()
    drawing.tick(0)
    drawing.plan("C---|----", at: 0)
    drawing.receive(.tick(Frame(4)), at: 20 * Drawing.frameLength, late: 5_000_000)
    drawing.plan("C---.---|", at: 4, late: 5_000_000)
    #expect(drawing.heard(frames: 5) == "C---.")
    #expect(drawing.unbalanced.isEmpty)
  }

  @Test("ends all notes, pedals and bends with the last frame")
  func whatSoundsEndsWithTheLastFrame() {
    var settings = PlayerSettings()
    settings.melody = .init(program: 0, volume: 100)
    settings.metronome = .always
    var drawing = Drawing(settings)
    drawing.tick(0)
    drawing.plan("C---|----", at: 0)
    drawing.receive(.message(.noteOn(.test(72))), at: 2_010_000)
    drawing.receive(
      .message(.control(channel: Channel(1)!, controller: 64, value: 127)), at: 2_020_000)
    drawing.receive(.message(.bend(channel: Channel(1)!, value: 200)), at: 2_030_000)
    #expect(drawing.unbalanced.count == 6)
    drawing.finish()
    #expect(drawing.unbalanced.isEmpty)
    let end = drawing.cues.suffix(8)
    #expect(end.allSatisfy { $0.position == 1 && $0.time == Microseconds(2_125_000) })
    #expect(
      end.contains {
        $0.event == .message(.control(channel: Channel(1)!, controller: 64, value: 0))
      })
    #expect(end.contains { $0.event == .message(.bend(channel: Channel(1)!, value: 0)) })
  }

  @Test("plays frames at the ends of their range")
  func hugeNumbersAreSurvived() {
    var drawing = Drawing()
    for frame in [-999_999_999, 0, 999_999_999] {
      drawing.receive(.tick(Frame(frame)), at: Int64(frame) + 1_000_000_000)
      let chord = PlannedChord(
        from: Frame(frame), to: Frame(999_999_999 + frame % 2), symbol: "C")
      let plan = Plan(
        frame: Frame(frame), revision: 1, commit: Frame(999_999_999), until: Frame(999_999_999),
        chords: [chord], melody: [])
      drawing.receive(.plan(plan), at: Int64(frame) + 1_000_000_000)
    }
    drawing.finish()
    #expect(drawing.unbalanced.isEmpty)
    #expect(drawing.cues.count < 200)
  }
}

extension Note {
  static func test(_ pitch: Int, channel: Int = 1, velocity: Int = 80) -> Note {
    Note(channel: Channel(channel)!, pitch: Pitch(pitch)!, velocity: Velocity(velocity)!)
  }
}
