import MidiFile
import Music
import Testing

@testable import midi_out

struct ScoreTests {
  private static func cue(_ position: Double, _ event: MidiEvent, _ part: Part = .chords) -> Cue {
    Cue(position: position, time: .zero, part: part, event: event)
  }

  private static func score(first: Int = 0, framesPerBeat: Int = 4) -> Score {
    Score(start: PlaybackStart(frame: Frame(first), time: .zero, framesPerBeat: framesPerBeat))
  }

  @Test("puts every frame exactly on a tick", arguments: 1...96)
  func framesLieOnTicks(framesPerBeat: Int) {
    var score = Self.score(first: -7, framesPerBeat: framesPerBeat)
    score.add(Self.cue(Double(framesPerBeat - 7), .marker("C"), .conductor))
    let file = score.midiFile
    #expect(480..<576 ~= file.ticksPerQuarter)
    // A beat after the first frame.
    #expect(file.tracks[0].last?.tick == file.ticksPerQuarter)
  }

  @Test("makes every note last at least a tick")
  func aNoteWithoutLengthStillEndsAfterItsBeginning() throws {
    var score = Self.score()
    score.add(Self.cue(1, .message(.noteOn(.test(60)))))
    score.add(Self.cue(1, .message(.noteOff(.test(60)))))
    score.add(Self.cue(1, .message(.noteOn(.test(60)))))
    score.add(Self.cue(1, .message(.noteOff(.test(60)))))
    let file = try MidiFile(parsing: score.midiFile.encoded())
    let notes = try #require(file.tracks.last).dropFirst()
    #expect(
      Array(notes) == [
        TimedEvent(tick: 120, event: .message(.noteOn(.test(60)))),
        TimedEvent(tick: 121, event: .message(.noteOff(.test(60)))),
        TimedEvent(tick: 121, event: .message(.noteOn(.test(60)))),
        TimedEvent(tick: 122, event: .message(.noteOff(.test(60)))),
      ])
  }

  @Test("ends sounding notes where the file ends")
  func whatSoundsEndsWhereTheFileDoes() throws {
    var score = Self.score()
    score.add(Self.cue(0, .message(.noteOn(.test(60)))))
    score.add(Self.cue(4, .message(.noteOn(.test(72))), .melody))
    let tracks = score.midiFile.tracks
    #expect(tracks.count == 3)
    #expect(tracks[1].last == TimedEvent(tick: 481, event: .message(.noteOff(.test(72)))))
    #expect(tracks[2].last == TimedEvent(tick: 480, event: .message(.noteOff(.test(60)))))
    // The score itself goes on.
    score.add(Self.cue(8, .message(.noteOff(.test(60)))))
    #expect(
      score.midiFile.tracks[2].last == TimedEvent(tick: 960, event: .message(.noteOff(.test(60)))))
  }

  @Test("puts nothing before the beginning of the file")
  func nothingLiesBeforeTheBeginning() {
    var score = Self.score(first: 4)
    score.add(Self.cue(3.9, .message(.noteOn(.test(60)))))
    #expect(score.midiFile.tracks.last?.dropFirst().first?.tick == 0)
  }
}
