import MidiFile
import Music
import Records
import Testing

@testable import midi_out

struct MelodyAndMetronomeTests {
  private static func melodySettings() -> PlayerSettings {
    var settings = PlayerSettings()
    settings.melody = .init(program: 0, volume: 100)
    return settings
  }

  /// `on 72 at 0.5` for each note of the melody.
  private static func notes(_ drawing: Drawing) -> [String] {
    drawing.cues.compactMap { cue in
      switch cue.event {
      case .message(.noteOn(let note)) where cue.part == .melody:
        "on \(note.pitch.rawValue) at \(cue.position)"
      case .message(.noteOff(let note)) where cue.part == .melody:
        "off \(note.pitch.rawValue) at \(cue.position)"
      default: nil
      }
    }
  }

  @Test("plays the person's notes at their times between frames")
  func notesLieBetweenFrames() {
    var drawing = Drawing(Self.melodySettings())
    drawing.tick(0)
    drawing.receive(.message(.noteOn(.test(72))), at: 2_062_500)
    drawing.tick(1)
    drawing.receive(.message(.noteOff(.test(72))), at: 2_187_500)
    #expect(Self.notes(drawing) == ["on 72 at 0.5", "off 72 at 1.5"])
  }

  @Test("plays no melody without --melody")
  func melodyIsSilentUnlessAskedFor() {
    var drawing = Drawing()
    drawing.tick(0)
    drawing.receive(.message(.noteOn(.test(72))), at: 2_062_500)
    #expect(Self.notes(drawing).isEmpty)
  }

  @Test("holds a pitch that two channels play until both release it")
  func aKeyOnTwoChannelsSoundsUntilBothLetGo() {
    var drawing = Drawing(Self.melodySettings())
    drawing.tick(0)
    drawing.receive(.message(.noteOn(.test(72, channel: 1))), at: 2_000_000)
    drawing.receive(.message(.noteOn(.test(72, channel: 2))), at: 2_062_500)
    drawing.receive(.message(.noteOff(.test(72, channel: 1))), at: 2_062_500)
    drawing.receive(.message(.noteOff(.test(60))), at: 2_062_500)
    drawing.tick(1)
    drawing.receive(.message(.noteOff(.test(72, channel: 2))), at: 2_125_000)
    #expect(
      Self.notes(drawing) == ["on 72 at 0.0", "off 72 at 0.5", "on 72 at 0.5", "off 72 at 1.0"])
  }

  @Test("begins notes that are held before the first tick with it")
  func whatIsHeldBeforeTheFirstTickComesInWithIt() {
    var drawing = Drawing(Self.melodySettings())
    drawing.receive(.message(.noteOn(.test(60))), at: 0)
    drawing.receive(.message(.noteOn(.test(72))), at: 10)
    drawing.receive(.message(.noteOff(.test(60))), at: 20)
    drawing.tick(0)
    #expect(Self.notes(drawing) == ["on 72 at 0.0"])
  }

  @Test("drops late notes of the melody")
  func lateNotesOfTheMelodyAreDropped() {
    var drawing = Drawing(Self.melodySettings())
    drawing.tick(0)
    drawing.receive(.message(.noteOn(.test(72))), at: 2_000_000, late: 100_001)
    drawing.receive(.message(.noteOn(.test(74))), at: 2_000_000, late: 100_000)
    drawing.receive(.message(.noteOff(.test(72))), at: 2_100_000, late: 0)
    drawing.receive(.message(.noteOff(.test(74))), at: 2_100_000, late: 900_000)
    #expect(Self.notes(drawing) == ["on 74 at 0.0", "off 74 at 0.8"])
    #expect(drawing.player.counts.lateNotes == 1)
  }

  /// `X` where the bar line clicks, `x` for another beat.
  private static func clicks(_ meter: Meter, _ frames: Range<Int>) -> String {
    var settings = PlayerSettings()
    settings.metronome = .always
    var drawing = Drawing(settings, meter: meter)
    for frame in frames { drawing.tick(frame) }
    return frames.map { frame in
      for cue in drawing.cues where cue.part == .metronome && cue.position == Double(frame) {
        if case .message(.noteOn(let note)) = cue.event {
          return note.pitch.rawValue == 76 ? "X" : "x"
        }
      }
      return "."
    }.joined()
  }

  @Test(
    "clicks on the bar line and on each tapped beat of the meter",
    arguments: [
      (Meter(4, 4)!, 0..<20, "X...x...x...x...X..."),
      (Meter(4, 4)!, -4..<4, "x...X..."),
      (Meter(3, 4)!, 0..<16, "X...x...x...X..."),
      (Meter(2, 2)!, 0..<20, "X.......x.......X..."),
      (Meter(6, 8)!, 0..<16, "X.....x.....X..."),
      (Meter(7, 8)!, 0..<16, "X.....x...x...X."),
      (Meter(3, 8)!, 0..<8, "X.x.x.X."),
    ])
  func metronomeFollowsTheMeter(meter: Meter, frames: Range<Int>, expected: String) {
    #expect(Self.clicks(meter, frames) == expected)
  }

  @Test("writes tempo and meter where they change")
  func tempoAndMeterChangesAreSaid() {
    var drawing = Drawing()
    for frame in -4..<0 { drawing.tick(frame) }
    drawing.receive(.tempo(frame: Frame(2), beatsPerMinute: 60), at: 1_900_000)
    drawing.receive(.meter(frame: Frame(3), Meter(3, 4)!), at: 1_900_000)
    for frame in 0..<17 { drawing.tick(frame) }
    let said = drawing.cues.compactMap { cue -> String? in
      switch cue.event {
      case .tempo(let length): "\(cue.position): \(length)"
      case .meter(let meter): "\(cue.position): \(meter.numerator)/\(meter.denominator)"
      default: nil
      }
    }
    #expect(
      said == [
        "-4.0: 500000", "-4.0: 1/4",  // The rest of the bar before frame 0.
        "0.0: 4/4", "2.0: 1000000", "3.0: 3/4",
      ])
  }

  @Test(
    "gives the rest of a bar a meter of its own",
    arguments: [(4, "1/4"), (6, "3/8"), (2, "1/8"), (3, "3/16"), (12, "3/4")])
  func pickups(frames: Int, expected: String) throws {
    let denominator = frames == 6 || frames == 2 ? 8 : 4
    let meter = try #require(
      Conductor.meter(ofFrames: frames, in: Meter(denominator, denominator)!, 4))
    #expect("\(meter.numerator)/\(meter.denominator)" == expected)
  }

  @Test("writes a marker where the chord symbol changes")
  func chordSymbolsAreMarked() {
    var drawing = Drawing()
    drawing.tick(0)
    let chords = [
      PlannedChord(from: Frame(0), to: Frame(1), symbol: "CM7"),
      PlannedChord(from: Frame(1), to: Frame(2), symbol: "Cmaj7"),
      PlannedChord(from: Frame(2), to: Frame(3), symbol: "C", bass: 4),
      PlannedChord(from: Frame(3), to: Frame(4), symbol: "N"),
    ]
    let plan = Plan(
      frame: Frame(0), revision: 1, commit: Frame(8), until: Frame(8), chords: chords, melody: [])
    drawing.receive(.plan(plan), at: 2_000_000)
    for frame in 1..<5 { drawing.tick(frame) }
    let markers = drawing.cues.compactMap { cue -> String? in
      if case .marker(let text) = cue.event { "\(cue.position) \(text)" } else { nil }
    }
    #expect(markers == ["0.0 Cmaj7", "2.0 C/E", "3.0 N"])
  }

  @Test("a held chord that is spelled anew goes on; a bass of its own is named above the root")
  func spellingIsNoOnset() {
    var drawing = Drawing()
    for (frame, symbol) in ["Dbm7", "C#m7", "C#min7"].enumerated() {
      drawing.tick(frame)
      let chords = [
        PlannedChord(from: Frame(0), to: Frame(frame + 2), symbol: symbol),
        PlannedChord(from: Frame(frame + 2), to: Frame(8), symbol: "E7", bass: 8),
      ]
      let plan = Plan(
        frame: Frame(frame), revision: frame + 1, commit: Frame(frame == 2 ? 8 : frame + 1),
        until: Frame(8), chords: chords, melody: [])
      drawing.receive(.plan(plan), at: Int64(frame) * 1000)
    }
    for frame in 3..<6 { drawing.tick(frame) }
    let markers = drawing.cues.compactMap { cue -> String? in
      if case .marker(let text) = cue.event { "\(cue.position) \(text)" } else { nil }
    }
    #expect(markers == ["0.0 Dbm7", "4.0 E7/G#"])
    #expect(drawing.player.counts.contradictions == 0)
    let onsets = drawing.cues.count { cue in
      if case .message(.noteOn) = cue.event, cue.position < 4 { true } else { false }
    }
    #expect(
      onsets
        == drawing.cues.count { cue in
          if case .message(.noteOn) = cue.event, cue.position == 0 { true } else { false }
        })
  }
}
