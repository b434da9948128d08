import MidiFile
import Music
import TestSupport
import Testing

/// What midi-in says of files that break the standard.
@Suite struct OddFileCommandTests {
  static let tune = MidiInCommandTests.tune.encoded()

  @Test(
    "an odd file is played, and one remark says what was odd",
    arguments: [
      (
        Array(tune.dropLast(4)),
        "byte 18: expected the length of the track, found 63 (59 left); byte 81: "
      ),
      ([7, 7] + tune, "byte 0: expected MThd at the beginning, found it after 2 other bytes\n"),
      ([UInt8(ascii: " "), 7] + tune, "byte 0: expected MThd at the beginning, found it after 2 "),
    ])
  func playsOddFile(bytes: [UInt8], remark: String) throws {
    let outcome = try MidiInCommandTests.shell(
      """
      midi-in --input tune.mid --pace fast >expected
      midi-in --pace fast <odd | sed s/stdin/tune.mid/ | cmp - expected
      """, ["odd": bytes])
    #expect(outcome.status == 0, "\(outcome.text)")
    #expect(
      outcome.error.hasPrefix("midi-in: <stdin>: odd, but played: \(remark)"), "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1)
  }

  @Test("the remark names four kinds, and counts the others")
  func namesFourKinds() throws {
    var bytes = MidiInCommandTests.tune.encoded()
    // A format, a number of tracks, junk at both ends, and an event: the meta event is no tempo.
    bytes[9] = 7
    bytes[11] = 9
    bytes[25] = 2
    let outcome = try MidiInCommandTests.shell(
      "midi-in --pace fast --input odd", ["odd": [7] + bytes + [1, 2]])
    #expect(outcome.status == 0)
    #expect(outcome.error.hasSuffix("; and 1 more\n"), "\(outcome.error)")
    #expect(outcome.error.split(separator: ";").count == 5)
  }

  @Test("a file that is not played is refused in one line, however odd it is")
  func refusesInOneLine() throws {
    let file = [7] + MidiFile(ticksPerQuarter: 96, tracks: [[]]).encoded()
    let outcome = try MidiInCommandTests.shell("midi-in --pace fast --input odd", ["odd": file])
    #expect(outcome.status == 65)
    #expect(outcome.error == "midi-in: odd: expected notes, found none\n")
  }

  @Test("a standard file gives no remark, strictly or not", arguments: ["", "--strict"])
  func saysNothingOfGoodFile(option: String) throws {
    let outcome = try MidiInCommandTests.shell("midi-in --input tune.mid --pace fast \(option)")
    #expect(outcome.status == 0 && outcome.error == "")
  }

  /// A bar of 4/4 has 16 ticks.
  @Test("what comes after a rest of more than an hour is left out")
  func leavesOutStrayNotes() throws {
    let outcome = try MidiInCommandTests.shell(
      "midi-in --pace fast --input odd", ["odd": MidiInCommandTests.stray.encoded()])
    #expect(outcome.status == 0)
    #expect(
      outcome.error
        == "midi-in: odd: odd, but played: expected rests of at most 7200 beats, "
        + "found a longer one at tick 1, what comes then is left out\n")
    #expect(outcome.lines.count == 1 + 16 + 2 + 1)
  }

  @Test("a note without an end does not last up to a message hours away")
  func endsNoteBeforeStrayMessage() throws {
    var file = MidiInCommandTests.stray
    let pedal = MidiEvent.message(.control(channel: Channel(1)!, controller: 64, value: 0))
    file.tracks[0][1...] = [TimedEvent(tick: 1_000_000, event: pedal)]
    let outcome = try MidiInCommandTests.shell(
      "midi-in --pace fast --input odd", ["odd": file.encoded()])
    #expect(outcome.status == 0 && outcome.error.contains("found a longer one at tick 0"))
    #expect(outcome.lines.count == 1 + 16 + 2 + 1)
  }

  @Test("a rest of an hour is played")
  func playsLongRest() throws {
    var file = MidiInCommandTests.stray
    for index in 2...3 { file.tracks[0][index].tick -= 1 }
    let outcome = try MidiInCommandTests.shell(
      "midi-in --pace fast --input long", ["long": file.encoded()])
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(outcome.lines.count(where: { $0.contains("note_on") }) == 2)
  }

  /// 0xE9 is é in Latin-1, and no UTF-8.
  @Test("a name that is not UTF-8 opens, and errors and files have it as it is")
  func opensAnyName() throws {
    let outcome = try MidiInCommandTests.shell(
      #"""
      name=$'caf\xe9.mid'; mv tune.mid "$name"
      midi-in --pace fast --input "$name" >stream && grep -o '"source":"café.mid"' stream
      midi-out --output $'out\xe9.mid' <stream && test -e $'out\xe9.mid' && echo written
      jam-tee $'tee\xe9' <stream >passed && cmp stream $'tee\xe9' && echo copied
      midi-in --input $'no\xe9.mid' 2>error; grep -ac $'cannot open no\xe9.mid: ' error
      """#)
    #expect(outcome.text == "\"source\":\"café.mid\"\nwritten\ncopied\n1\n", "\(outcome.error)")
    #expect(outcome.error == "")
  }

  /// A file name, the name of a track, and bytes that are C1 control characters in Latin-1.
  @Test("no control character of a name or a file reaches the terminal")
  func escapesControlCharacters() throws {
    let name = "\u{1B}[2J\u{9B}31m\nmidi-in: all is well"
    var file = MidiInCommandTests.tune
    file.tracks[0].insert(TimedEvent(tick: 0, event: .trackName(name)), at: 0)
    let outcome = try MidiInCommandTests.shell(
      #"""
      mv odd $'\e[2J\n.mid'; midi-in --pace fast --input $'\e[2J\n.mid' --track x
      midi-in --pace fast --input $'\e[2J\n.mid' --strict >stream
      midi-in --list-tracks $'\e[2J\n.mid' 2>&1 | tail -1 >&2
      midi-in --pace fast --input $'\xc2\x9b31m'
      """#, ["odd": [7] + file.encoded()])
    #expect(outcome.error.split(separator: "\n").count == 4, "\(outcome.error)")
    #expect(
      outcome.error.unicodeScalars.allSatisfy {
        $0 == "\n" || $0.properties.generalCategory != .control
      })
    #expect(outcome.error.contains(#"\u{1b}[2J\u{9b}31m\u{a}midi-in: all is well"#))
  }
}
