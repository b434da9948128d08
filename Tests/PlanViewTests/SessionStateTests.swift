import Keys
import Music
import Testing

@testable import plan_view

private func state(_ lines: [String]) throws -> SessionState { try scene(lines).state }

@Suite struct SessionStateTests {
  @Test("remembers recent notes by frame")
  func remembersNotesByFrame() throws {
    let state = try state([
      header, tick(0), noteOn(60), tick(2), noteOff(60), noteOn(64, channel: 2), tick(5),
    ])
    #expect(state.recent.notes.map { Int($0.pitch.rawValue) } == [60, 64])
    #expect(state.recent.notes.map(\.from) == [0, 2])
    #expect(state.recent.notes.map(\.to) == [2, nil])
  }

  @Test("ends a note when its key is pressed again")
  func pressingAKeyAgainEndsItsNote() throws {
    let state = try state([header, tick(0), noteOn(60), tick(2), noteOn(60), tick(3)])
    #expect(state.recent.notes.map(\.to) == [2, nil])
  }

  /// Notes, chords, settings and counters without end.
  @Test("stays within bounded memory")
  func rememberAllInBoundedMemory() throws {
    var state = try state([header])
    for frame in 0..<4000 {
      let lines = [
        tick(frame), noteOn(frame % 100),
        frame.isMultiple(of: 3) ? noteOff(frame % 100) : tick(frame),
        plan(frame, commit: frame + 1, until: frame + 2, [(frame, "C")]),
        #"{"type":"set","name":"n\#(frame)","value":\#(frame)}"#,
        #"{"type":"stat","n\#(frame)":1}"#,
      ]
      for record in try records(lines.joined(separator: "\n")) { state.receive(record) }
    }
    #expect(state.recent.notes.count <= RecentNotes.limit)
    #expect(state.sounded.count <= 128)
    #expect(state.settings.changed.count == SessionSettings.limit)
    #expect(state.settings.changed.last?.name == "n3999")
  }

  @Test("remembers a chord that later plans leave out")
  func knowsTheChordThatSoundedAWhileAgo() throws {
    let state = try state([
      header, tick(0), plan(0, commit: 4, until: 12, [(0, "C"), (8, "F")]), tick(8),
      plan(8, commit: 12, until: 20, [(8, "G"), (12, "C")]),
    ])
    #expect(state.chord(at: Frame(7))?.chord.symbol == "C")
    #expect(state.chord(at: Frame(8))?.chord.symbol == "G")
    #expect(state.chords(after: Frame(7)).map(\.chord.symbol) == ["G", "C"])
  }

  @Test("counts late plans and sums up stat records")
  func tellsHowTheSessionFares() throws {
    let state = try state([
      header, #"{"type":"stat","missed":2,"plans":9}"#, #"{"type":"stat","dropped":4}"#,
      #"{"type":"stat","dropped":3}"#, #"{"type":"stat","late":-1,"lost":1e30}"#,
      #"{"type":"stat","missed":5}"#, tick(0), plan(0, commit: 1, until: 9, [(0, "C")]), tick(1),
      tick(2), tick(3),
    ])
    #expect(
      state.health.complaints.map { "\($0.count) \($0.name)" } == [
        "2 late plans", "5 missed", "7 dropped", "1000000000 lost",
      ])
    #expect(state.planAge == 3)
  }

  @Test("keeps the last value of each setting")
  func settingsHoldTheirLastValue() throws {
    let state = try state([
      header, #"{"type":"set","name":"temperature","value":0.8}"#,
      #"{"type":"set","name":"model","value":"ballads"}"#,
      #"{"type":"set","name":"temperature","value":1}"#,
      #"{"type":"set","name":"playing","value":false}"#,
    ])
    #expect(
      state.settings.changed == [
        .init(name: "temperature", value: .number(1)),
        .init(name: "model", value: .text("ballads")),
      ])
    #expect(!state.settings.isPlaying)
  }

  /// A value that was asked for is in force once the agent says so.
  @Test("goes by what the agent says of its settings")
  func settingsAreWhatTheAgentSays() throws {
    let state = try state([
      header, #"{"type":"settings","temperature":1,"commit":1,"model":"accompanist"}"#,
      #"{"type":"set","name":"temperature","value":0.8}"#,
      #"{"type":"settings","temperature":0.8,"commit":1,"model":"accompanist"}"#,
      #"{"type":"set","name":"model","value":"nobody"}"#,
      #"{"type":"settings","temperature":0.8,"commit":1,"model":"accompanist"}"#,
    ])
    #expect(state.settings.changed == [.init(name: "temperature", value: .number(0.8))])
    #expect(state.settings.unchanged.map(\.name) == ["commit", "model"])
  }

  @Test("a note sounds until its own channel releases it")
  func aNoteSoundsUntilItsOwnChannelReleasesIt() throws {
    var state = SessionState()
    for line in [noteOn(60), noteOn(60, channel: 2), noteOff(60)] {
      for record in try records(line) { state.receive(record) }
    }
    #expect(state.sounding.pitches.map(\.rawValue) == [60])
    for record in try records(noteOff(60, channel: 2)) { state.receive(record) }
    #expect(state.sounding.pitches.isEmpty)
  }

  /// Frame, meter, place, beat.
  @Test(
    "counts bars and beats as musicians do",
    arguments: [
      (0, "4/4", "1:1", "1:1"), (3, "4/4", "1:1.75", "1:1"), (-1, "4/4", "0:4.75", "0:4"),
      (-17, "4/4", "-1:4.75", "-1:4"), (17, "4/4", "2:1.25", "2:1"), (12, "3/4", "2:1", "2:1"),
      (14, "6/8", "2:1.33", "2:1"), (18, "6/8", "2:2", "2:2"), (15, "6/8", "2:1.5", "2:1"),
      (6, "7/8", "1:2", "1:2"), (8, "7/8", "1:2.5", "1:2"), (8, "2/2", "1:2", "1:2"),
    ])
  func countsAsMusiciansDo(frame: Int, meter: String, place: String, beat: String) throws {
    var state = SessionState()
    let header = header.replacing("4/4", with: meter)
    for record in try records(header) { state.receive(record) }
    #expect(state.place(of: .init(frame)) == place)
    #expect(state.beat(of: .init(frame)) == beat)
  }

  @Test(
    "writes decimals without trailing zeros",
    arguments: [
      (120.0, 1, "120"), (92.5, 1, "92.5"), (99.96, 1, "100"), (2.05, 2, "2.05"), (-1.5, 2, "-1.5"),
    ])
  func writesDecimals(value: Double, places: Int, text: String) {
    #expect(decimal(value, places: places) == text)
  }
}

@Suite struct SessionKeyTests {
  /// The chords of a cadence in E, a bar each.
  private let cadence =
    [header]
    + ["E", "C#m7", "F#m7", "B7"].enumerated().flatMap { bar, chord in
      [
        tick(16 * bar),
        plan(16 * bar, commit: 16 * bar + 16, until: 16 * bar + 16, [(16 * bar, chord)]),
      ]
    }

  @Test("hears the key of the chords")
  func hearsChords() throws {
    #expect(try state([header, tick(0)]).key == nil)
    #expect(try state(cadence + [tick(64)]).key == MusicalKey("E"))
  }

  @Test("hears the key of the melody, and forgets it when a stream begins")
  func hearsMelody() throws {
    var lines = [header]
    for (index, step) in [0, 2, 3, 5, 7, 8, 11, 12, 11, 8, 7, 5, 3, 2, 0, 0].enumerated() {
      lines += [tick(4 * index), noteOn(62 + step), tick(4 * index + 3), noteOff(62 + step)]
    }
    #expect(try state(lines + [tick(64)]).key == MusicalKey("Dm"))
    #expect(try state(lines + [tick(64), header, tick(0)]).key == nil)
  }

  @Test("of notes at once the highest is the melody, and an early one belongs to the next frame")
  func findsTheMelody() throws {
    let recent = try state([
      header, tick(0), noteOn(60), noteOn(64), noteOn(62), tick(2), noteOff(64), noteOff(60),
    ]).recent
    #expect(recent.melodyNote(in: Frame(0))?.pitch.rawValue == 64)
    #expect(recent.melodyNote(in: Frame(0))?.isOnset == true)
    #expect(recent.melodyNote(in: Frame(1))?.isOnset == false)
    #expect(recent.melodyNote(in: Frame(2))?.pitch.rawValue == 62)
    #expect(recent.melodyNote(in: Frame(-1)) == nil)
  }

  /// Chords of E major, then a long passage in F major; the view is a tone up.
  @Test("a committed chord stays as it is written when the key changes")
  func keepsNames() throws {
    var scene = try scene(cadence + [tick(64)], ViewOptions(transposition: 2))
    let name = { (scene: Scene, frame: Int) in
      scene.state.chord(at: Frame(frame)).map { scene.name(of: $0, DisplayText()) }
    }
    #expect(name(scene, 32) == "G#m7")
    for (index, chord) in [[String]](repeating: ["F", "Bb", "C7", "F"], count: 3).joined()
      .enumerated()
    {
      let frame = 64 + 16 * index
      for line in [
        tick(frame), plan(frame, commit: frame + 16, until: frame + 16, [(frame, chord)]),
      ] {
        for record in try records(line) { scene.receive(record) }
      }
    }
    #expect(scene.key == MusicalKey("F"))
    #expect(name(scene, 32) == "G#m7" && name(scene, 80) == "C")
  }
}

@Suite struct ChordNamingTests {
  /// Symbol, key, then in letters a tone up, in Roman numerals and in the Nashville system.
  @Test(
    "writes chords in letters, Roman numerals and Nashville numbers",
    arguments: [
      ("Am7", "G", "Bm7", "ii7", "2-7"), ("D7", "G", "E7", "V7", "57"),
      ("Gmaj7", "G", "Amaj7", "Imaj7", "1maj7"), ("G/B", "G", "A/C#", "I/3", "1/3"),
      ("F#m7b5", "G", "G#m7b5", "vii7b5", "7-7b5"), ("C#dim7", "G", "D#dim7", "#ivo7", "#4o7"),
      ("Eb", "G", "F", "bVI", "b6"), ("Em", "Em", "F#m", "i", "6-"), ("D", "Em", "E", "VII", "5"),
      ("B7", "Em", "C#7", "V7", "37"), ("CmMaj7", "C", "DmMaj7", "iMaj7", "1-Maj7"),
      ("C/E", "Am", "D/F#", "III/5", "1/3"), ("Am/C", "Am", "Bm/D", "i/3", "6-/1"),
      ("E/G#", "Am", "F#/A#", "V/#7", "3/#5"), ("Dm/F", "Am", "Em/G", "iv/6", "2-/4"),
      ("G6", "C", "A6", "Vadd6", "5(6)"), ("Am6", "C", "Bm6", "viadd6", "6-(6)"),
      ("C69", "C", "D69", "Iadd6add9", "1(69)"), ("G5", "C", "A5", "V5", "5(5)"),
      ("N", "C", "N.C.", "N.C.", "N.C."), ("H7", "C", "H7", "H7", "H7"),
      ("\u{1B}[2J", "C", "?[2J", "?[2J", "?[2J"),
    ])
  func writesChords(symbol: String, key: String, letters: String, roman: String, nashville: String)
  {
    let key = MusicalKey(key)
    #expect(ChordNaming(key: key, transposition: 2).name(symbol) == letters)
    #expect(ChordNaming(notation: .roman, key: key).name(symbol) == roman)
    #expect(ChordNaming(notation: .nashville, key: key).name(symbol) == nashville)
    // Transposition does not change degrees.
    #expect(ChordNaming(notation: .roman, key: key, transposition: 2).name(symbol) == roman)
  }

  @Test("writes letters where there is no key")
  func degreesNeedAKey() {
    #expect(ChordNaming(notation: .roman).name("Am7") == "Am7")
  }

  @Test("writes chords that are not transposed as the stream does")
  func keepsSpelling() {
    #expect(ChordNaming(key: MusicalKey("E")).name("Dbm7") == "Dbm7")
    #expect(ChordNaming(key: MusicalKey("E"), transposition: 12).name("Dbm7") == "Dbm7")
  }

  @Test(
    "names pitches by octave, in the key",
    arguments: [
      (60, 0, nil, "C4"), (59, 2, nil, "Db4"), (0, 0, nil, "C-1"), (0, -1, nil, "B-2"),
      (61, 0, "E", "C#4"), (60, 0, "C#m", "B#3"), (59, 0, "Gb", "Cb4"), (59, 2, "E", "C#4"),
    ] as [(Int, Int, String?, String)])
  func namesPitches(pitch: Int, transposition: Int, key: String?, name: String) {
    let naming = ChordNaming(key: key.flatMap { MusicalKey($0) }, transposition: transposition)
    #expect(naming.name(ofPitch: pitch) == name)
  }
}
