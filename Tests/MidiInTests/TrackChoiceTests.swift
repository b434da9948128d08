import MidiFile
import Music
import Testing

@testable import midi_in

/// A track of a drawing, with a name and a program or without.
private func track(
  _ name: String?, _ drawings: String..., channel: Int = 1, program: UInt8? = nil
) -> [TimedEvent] {
  let title = name.map { [TimedEvent(tick: 0, event: .trackName($0))] } ?? []
  let change = program.map {
    TimedEvent(tick: 0, event: .message(.program(channel: Channel(channel)!, program: $0)))
  }
  let notes = drawings.flatMap { Drawing.events($0, channel: channel) }
  return title + (change.map { [$0] } ?? []) + notes.sorted { $0.tick < $1.tick }
}

private func file(_ tracks: [TimedEvent]...) -> MidiFile {
  MidiFile(ticksPerQuarter: 480, tracks: tracks)
}

/// What an option selects.
@Suite struct TrackOptionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var track: TrackSelector?
    var channel: Int?
    let notes: String
    var testDescription: String { name }
  }

  /// A file with a conductor track, drums, a bass, a melody and a part in two channels.
  static let band = file(
    [TimedEvent(tick: 0, event: .tempo(microsecondsPerQuarter: 500_000))],
    track("Drums", "C-------", channel: 10), track("Bass", "D-------", channel: 2),
    track("Lead Vocal", "E-------", channel: 3),
    track("Horns", "F---....", channel: 4) + Drawing.events("....G---", channel: 5))

  @Test(
    "an option chooses the track or channel",
    arguments: [
      Case(name: "a number", track: .number(3), notes: "D"),
      Case(name: "a name", track: .name("bass"), notes: "D"),
      Case(name: "a part of a name", track: .name("voca"), notes: "E"),
      Case(name: "a track of two channels", track: .name("Horns"), notes: "FG"),
      Case(name: "one of them", track: .name("Horns"), channel: 5, notes: "G"),
      Case(name: "a channel", channel: 2, notes: "D"),
      Case(name: "drums when asked for", channel: 10, notes: "C"),
    ]) func chooses(_ test: Case) throws
  {
    let choice = try TrackChoice(
      Self.band, track: test.track, channel: test.channel.flatMap { Channel($0) })
    let notes = [FileNote](choice.events).map { Drawing.letter($0.note.pitch) }
    #expect(String(notes) == test.notes)
    #expect(choice.remark == nil)
  }

  @Test(
    "tracks and channels that the file does not have are refused",
    arguments: [
      (.number(9), nil, TuneError.usage("no track 9: the file has 5")),
      (
        .name("Flute"), nil,
        .usage(
          "no track named \"Flute\": the file has \"Drums\", \"Bass\", \"Lead Vocal\", \"Horns\"")
      ),
      (nil, 9, .usage("no notes on channel 9")),
      (.number(1), nil, .usage("no notes on the track")),
      (.number(2), nil, .usage("only drums on the track; --channel 10 plays them")),
    ] as [(TrackSelector?, Int?, TuneError)])
  func refusesWhatIsNotThere(selector: TrackSelector?, channel: Int?, error: TuneError) {
    #expect(throws: error) {
      try TrackChoice(Self.band, track: selector, channel: channel.flatMap { Channel($0) })
    }
  }
}

/// What is taken for the melody if no option chooses.
@Suite struct MelodyFinderTests {
  static let scale = "C-D-E-D-C-E-F-G-"

  /// The number of the track of the part that is taken.
  static func found(_ file: MidiFile) -> Int? {
    Part.parts(of: file).melody(ticksPerQuarter: file.ticksPerQuarter)?.track
  }

  @Test(
    "of parts that play the same, the one is taken whose name says so",
    arguments: [
      ("Piano", "Melody"), ("Guitar", "Lead Vocal"), ("Bass", "Bassoon"), ("Bright", "Right"),
      ("Begleitung", "Gesang"), ("Accompagnement", "Chant"), ("Chitarra", "Canto"),
      ("Baixo", "Voz"), ("Гитара", "Вокал"), ("ギター", "メロディ"), ("和声", "主旋律"),
      ("반주", "노래"),
      ("Violin", "ViolinSolo2"), ("Backing Vocals", "Vocals"), ("Left hand", "Right hand"),
      ("Harmony", "Harmonica"), ("LH", "RH"), (nil, "Stimme"), ("Chor", nil),
    ] as [(String?, String?)])
  func readsNames(other: String?, melody: String?) {
    #expect(Self.found(file(track(other, Self.scale), track(melody, Self.scale))) == 2)
    #expect(Self.found(file(track(melody, Self.scale), track(other, Self.scale))) == 1)
  }

  @Test(
    "without names, programs and notes decide",
    arguments: [
      ("not a bass", track(nil, scale, program: 33), track(nil, scale, program: 73)),
      ("not strings", track(nil, scale, program: 48), track(nil, scale, program: 65)),
      ("the higher", track(nil, scale), track(nil, "c-d-e-d-c-e-f-g-")),
      (
        "one voice", track(nil, "C-D-E-D-C-D-E-F-", "E-F-G-F-E-F-G-A-"),
        track(nil, "c-B-A-B-c-B-A-G-")
      ),
      ("what plays for longer", track(nil, "c-d-e-.........."), track(nil, "C-D-E-D-C-E-F-G-")),
      ("steps", track(nil, "CGcGCGcGCGcGCGcG"), track(nil, "cBAGABcBAGABcBAG")),
    ]) func readsNotes(rule: String, other: [TimedEvent], melody: [TimedEvent])
  {
    #expect(Self.found(file(other, melody)) == 2)
    #expect(Self.found(file(melody, other)) == 1)
  }

  @Test("of equal parts the first is taken")
  func takesFirstOfEqual() {
    #expect(Self.found(file([], track(nil, Self.scale), track(nil, Self.scale))) == 2)
  }

  @Test("in a file of format 0 the parts are channels")
  func findsChannelInOneTrack() throws {
    let events = [("C-------", 10), ("E-------", 4), ("g-------", 7)].flatMap {
      Drawing.events($0, channel: $1)
    }
    let file = MidiFile(format: .singleTrack, ticksPerQuarter: 480, tracks: [events])
    #expect(try Drawing.played(file).hasPrefix("g---"))
    let choice = try TrackChoice(file, track: nil, channel: nil)
    #expect(
      choice.remark == "plays channel 7; --channel plays another, --list-tracks FILE lists them")
  }

  @Test(
    "a remark says which part was taken, if there was a choice",
    arguments: [
      (file(track("A", scale)), nil),
      (file(track("A", scale), track("Drums", scale, channel: 10)), nil),
      (file([], track(nil, "c---"), track(nil, "C---")), "plays track 2"),
      (
        file([], track("\u{1B}[2J\n", "c---"), track(nil, "C---")),
        #"plays track 2, "\u{1b}[2J\u{a}""#
      ),
      (
        file(track(String(repeating: "long", count: 20), scale), track("Bass", scale)),
        "plays track 1, \"" + String(repeating: "long", count: 10) + "...\""
      ),
      (
        file(track("A", "C---") + track(nil, "c---", channel: 2), track("B", "C---")),
        "plays channel 2 of track 1, \"A\""
      ),
    ] as [(MidiFile, String?)])
  func saysWhatItPlays(file: MidiFile, remark: String?) throws {
    let expected = remark.map { $0 + "; --track plays another, --list-tracks FILE lists them" }
    #expect(try TrackChoice(file, track: nil, channel: nil).remark == expected)
  }

  @Test("files without notes, or with drums alone, are refused")
  func refusesFilesWithoutMelody() {
    #expect(throws: TuneError.badData("expected notes, found none")) {
      try TrackChoice(file([]), track: nil, channel: nil)
    }
    #expect(
      throws: TuneError.badData("expected a melody, found drums alone; --channel 10 plays them")
    ) {
      try TrackChoice(file(track(nil, "C---", channel: 10)), track: nil, channel: nil)
    }
  }
}

/// What --list-tracks writes.
@Suite struct PartListTests {
  static let band = file(
    [], track("Bass", "C-D-", channel: 2, program: 33), track("Canto\u{7}", "c-d-e-f-"),
    track(nil, "C-C-", channel: 10))

  @Test("the table has a line for each part, and a star before the melody's")
  func writesTable() throws {
    let expected = """
         track  channel  program  notes  range  name
             2        2  33 bass      2  C4-D4  Bass
      *      3        1  -            4  C5-F5  Canto\\u{7}
             4       10  drums        2  C4-C4

      """
    #expect(try PartList(Self.band).text == expected)
  }

  @Test("the list for programs has an object for each part")
  func writesJSON() throws {
    let expected = """
      {"track":2,"channel":2,"name":"Bass","program":33,"notes":2,"lowest":60,"highest":62,\
      "melody":false}
      {"track":3,"channel":1,"name":"Canto\\u0007","program":null,"notes":4,"lowest":72,\
      "highest":77,"melody":true}
      {"track":4,"channel":10,"name":null,"program":null,"notes":2,"lowest":60,"highest":60,\
      "melody":false}

      """
    #expect(try PartList(Self.band).json == expected)
  }

  @Test("a part has the program with which most of its notes begin")
  func findsProgram() {
    let changes = [(0, 5), (240, 9)].map { tick, program in
      TimedEvent(
        tick: tick, event: .message(.program(channel: Channel(1)!, program: UInt8(program))))
    }
    let events = (changes + Drawing.events("C-D-E-F-")).sorted { $0.tick < $1.tick }
    #expect(Part.parts(of: file(events)).map(\.program) == [9])
  }
}
