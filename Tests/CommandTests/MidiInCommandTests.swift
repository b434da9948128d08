import Foundation
import MidiFile
import Music
import Records
import TestSupport
import Testing

/// midi-in, run as a user would.
@Suite struct MidiInCommandTests {
  /// A bar of 4/4 at 240 beats a minute with a tempo change, then a bar with a rest: two seconds.
  static let tune: MidiFile = {
    let pitches = [60, 64, 67, 72, 67]
    var events: [TimedEvent] = [
      TimedEvent(tick: 0, event: .tempo(microsecondsPerQuarter: 250_000)),
      TimedEvent(tick: 500, event: .tempo(microsecondsPerQuarter: 222_223)),
    ]
    for (index, pitch) in pitches.enumerated() {
      let note = Note(channel: Channel(1)!, pitch: Pitch(pitch)!, velocity: Velocity(90)!)
      events.append(TimedEvent(tick: 480 * index, event: .message(.noteOn(note))))
      events.append(TimedEvent(tick: 480 * index + 470, event: .message(.noteOff(note))))
    }
    return MidiFile(format: .singleTrack, ticksPerQuarter: 480, tracks: [events])
  }()

  /// A note of one tick, and another one after the longest rest that is played and a tick.
  static let stray: MidiFile = {
    let note = Note(channel: Channel(1)!, pitch: Pitch(60)!, velocity: Velocity(90)!)
    let events = [0, 7202].flatMap { tick in
      [
        TimedEvent(tick: tick, event: .message(.noteOn(note))),
        TimedEvent(tick: tick + 1, event: .message(.noteOff(note))),
      ]
    }
    return MidiFile(format: .singleTrack, ticksPerQuarter: 1, tracks: [events])
  }()

  /// Runs a command line in a folder that holds the tune as `tune.mid`, and the given files.
  static func shell(
    _ command: String, _ files: [String: [UInt8]] = [:], input: [UInt8] = []
  ) throws -> ToolRunner.Outcome {
    try ToolRunner.withTemporaryFolder { folder in
      try Data(tune.encoded()).write(to: folder.appendingPathComponent("tune.mid"))
      for (name, bytes) in files {
        try Data(bytes).write(to: folder.appendingPathComponent(name))
      }
      return try ToolRunner.shell(command, input: Data(input), folder: folder)
    }
  }

  @Test("the same tune gives the same bytes, from a file and from standard input")
  func sameTuneGivesSameBytes() throws {
    let outcome = try Self.shell(
      """
      midi-in --input tune.mid --pace fast >a && midi-in --pace fast <tune.mid >b &&
      sed s/tune.mid/stdin/ a | cmp - b && wc -l <a
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
    // A header, 32 ticks, 10 records of notes, two tempi (the first for the frame within which it
    // changes), the end.
    #expect(outcome.text.trimmingCharacters(in: .whitespacesAndNewlines) == "46")
  }

  /// The reader also refuses times that go back.
  @Test("the reader of records accepts the stream")
  func writesValidStream() throws {
    let outcome = try Self.shell("midi-in --input tune.mid --pace fast --loop 3 --count-in 1")
    var reader = RecordReader()
    reader.feed([UInt8](outcome.output))
    reader.finish()
    while try reader.next() != nil {}
    #expect(reader.lineCount == 1 + 16 + 3 * 44 + 2 + 1)
  }

  @Test("real time gives the records of pace fast, with the time of day in the header")
  func pacesGiveSameRecords() throws {
    let outcome = try Self.shell(
      """
      midi-in --input tune.mid --speed 10 --pace fast >fast &&
      midi-in --input tune.mid --speed 10 >slow && head -1 slow &&
      sed -E 's/"epoch_us":[0-9]+,"wall":"[0-9T:.Z-]+",//' slow | cmp - fast
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
    guard case .header(let header) = try Record(parsing: outcome.lines[0]).event else {
      Issue.record("no header")
      return
    }
    #expect(header.epoch != nil && header.wall != nil)
  }

  @Test("a recording is passed on byte for byte")
  func passesRecording() throws {
    let recording = """
      { "t": 0, "type":"header","format":"jam","version":1,"epoch_us":5,"wall":"then","tempo":90,\
      "meter":"3/4","frames_per_beat":4,"producer":"p","source":"s","mood":"blue" }
      {"t":0,"type":"tick","frame":0}
      {"type":"weather","t":10,"rain":true}
      {"t":10,"type":"plan","frame":0,"rev":1,"commit":0,"until":4,"chords":[],"melody":[]}
      {"t":3600000000,"type":"end","reason":"eof"}

      """
    let outcome = try Self.shell("midi-in --pace fast", input: Array(recording.utf8))
    #expect(outcome.text == recording)
    #expect(outcome.status == 0)
  }

  @Test("a recording replays in real time with the same records")
  func replaysInRealTime() throws {
    let outcome = try Self.shell(
      """
      midi-in --input tune.mid --pace fast >s.jsonl &&
      midi-in --input s.jsonl --speed 10 | tail -n +2 >replayed &&
      midi-in --input s.jsonl --speed 10 --pace fast | tail -n +2 | cmp - replayed && tail -1 replayed
      """)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.text == "{\"t\":180672,\"type\":\"end\",\"reason\":\"eof\"}\n")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let arguments: String
    var file: [UInt8] = []
    let status: Int32
    let error: String
    var testDescription: String { "\(arguments): \(error)" }
  }

  static let header =
    #"{"t":0,"type":"header","format":"jam","version":1,"tempo":120,"meter":"4/4","#
    + #""frames_per_beat":4,"producer":"p","source":"s"}"#

  static let refusals = [
    Refusal(
      arguments: "--input x", status: 65,
      error: "x: expected a MIDI file or a recorded stream, found nothing"),
    Refusal(
      arguments: "--input x", file: [0, 1, 2], status: 65,
      error: "x: expected a MIDI file (MThd) or a recorded stream ({), found 0x00"),
    Refusal(
      arguments: "--input x", file: Array("MTh".utf8), status: 65,
      error: "x: expected a MIDI file (MThd) or a recorded stream ({), found 0x4D"),
    Refusal(
      arguments: "--input x", file: [0x1F, 0x8B] + tune.encoded(), status: 65,
      error: "x: expected a MIDI file (MThd) or a recorded stream ({), found a gzip file"),
    Refusal(
      arguments: "--input x", file: Array("MThd".utf8) + [0, 0, 0, 6, 0, 0, 0, 1], status: 65,
      error: "x: byte 12: expected a division, found the end of the file"),
    Refusal(
      arguments: "--input x --strict", file: Array(tune.encoded().dropLast(9)), status: 65,
      error: "x: byte 18: expected the length of the track, found 63 (54 left)"),
    Refusal(
      arguments: "--input x --strict", file: stray.encoded(), status: 65,
      error: "x: expected rests of at most 7200 beats, found a longer one at tick 1"),
    Refusal(
      arguments: "--input x --strict", file: Array(header.utf8), status: 64,
      error: "--strict is for MIDI files, and x is a recorded stream"),
    Refusal(
      arguments: "- --input -", file: [], status: 64, error: "Unexpected argument '-'"),
    Refusal(
      arguments: "--input x", file: MidiFile(ticksPerQuarter: 96, tracks: [[]]).encoded(),
      status: 65, error: "x: expected notes, found none"),
    Refusal(
      arguments: "--input nowhere", status: 66,
      error: "cannot open nowhere: No such file or directory"),
    Refusal(arguments: "--input .", status: 66, error: "cannot open .: Is a directory"),
    Refusal(
      arguments: "--input tune.mid --from 3", status: 64,
      error: "tune.mid: no bar 3: the tune has 2"),
    Refusal(
      arguments: "--input tune.mid --speed 11", status: 64,
      error: "--speed is 11.0: expected 0.1 to 10.0"),
    Refusal(
      arguments: "--input tune.mid --tempo nan", status: 64,
      error: "--tempo is nan: expected 1.0 to 10000.0"),
    Refusal(
      arguments: "--input tune.mid --meter 4/5", status: 64,
      error: "The value '4/5' is invalid for '--meter <meter>'"),
    Refusal(
      arguments: "--input tune.mid --keyboard", status: 64,
      error: "--keyboard and --input exclude each other"),
    Refusal(
      arguments: "--keyboard --loop 2", status: 64, error: "--loop is for --input"),
    Refusal(
      arguments: "--port 14:0 --keyboard", status: 64,
      error: "--input, --keyboard and ports exclude each other"),
    Refusal(
      arguments: "--port 14:0 --pace fast", status: 64, error: "ports are played in real time"),
    Refusal(
      arguments: "--port 14:0 --virtual", status: 64,
      error: "--port and --virtual exclude each other"),
    Refusal(
      arguments: "--input tune.mid --sync midi-clock", status: 64,
      error: "--sync is for --port and --virtual"),
    Refusal(
      arguments: "--virtual --sync midi-clock --tap notes", status: 64,
      error: "--sync and --tap exclude each other"),
    Refusal(arguments: "--json", status: 64, error: "--json is for --list and --list-tracks"),
    Refusal(
      arguments: "--list-tracks tune.mid --input tune.mid", status: 64,
      error: "--list-tracks and --input exclude each other"),
    Refusal(
      arguments: "--list-tracks tune.mid --list", status: 64,
      error: "--list-tracks and --list exclude each other"),
    Refusal(
      arguments: "--list-tracks x", file: Array(header.utf8), status: 64,
      error: "--list-tracks is for MIDI files, and x is a recorded stream"),
    Refusal(
      arguments: "--list-tracks x", file: MidiFile(ticksPerQuarter: 96, tracks: [[]]).encoded(),
      status: 65, error: "x: expected notes, found none"),
    Refusal(
      arguments: "--virtual --map cc200=x:0..1", status: 64,
      error: "The value 'cc200=x:0..1' is invalid for '--map"),
    Refusal(
      arguments: "--keyboard --pace fast", status: 64,
      error: "--keyboard is played in real time"),
    Refusal(
      arguments: "--input x --loop 2", file: Array(header.utf8), status: 64,
      error: "--loop is for MIDI files, and x is a recorded stream"),
    Refusal(
      arguments: "--input x --channel 2", file: Array(header.utf8), status: 64,
      error: "--channel is for MIDI files, and x is a recorded stream"),
    Refusal(
      arguments: "--input x", file: Array(header.utf8.dropLast(5)), status: 65,
      error: "x:1: "),
    Refusal(
      arguments: "--input x", file: Array("{\"t\":0,\"type\":\"tick\",\"frame\":0}\n".utf8),
      status: 65, error: "x:1: expected a header as the first record"),
  ]

  /// Nothing goes to standard output.
  @Test("wrong options and files are refused with the reason", arguments: refusals)
  func refuses(_ refusal: Refusal) throws {
    let outcome = try Self.shell(
      "midi-in --pace fast \(refusal.arguments)".replacing(
        "--pace fast --keyboard", with: "--keyboard"), ["x": refusal.file])
    #expect(outcome.status == refusal.status)
    #expect(outcome.error.hasPrefix("midi-in: " + refusal.error), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
    if refusal.status != 64 { #expect(outcome.error.split(separator: "\n").count == 1) }
  }

  @Test("the sounding notes of a broken recording end")
  func endsNotesOfBrokenRecording() throws {
    let recording =
      Self.header + "\n"
      + #"{"t":7,"type":"note_on","ch":1,"note":60,"vel":90}"# + "\n" + #"{"t":8,"#
    let outcome = try Self.shell("midi-in --pace fast --input x", ["x": Array(recording.utf8)])
    #expect(outcome.status == 65)
    #expect(outcome.error.hasPrefix("midi-in: x:3: "))
    #expect(
      outcome.lines.dropFirst(2) == [
        #"{"t":7,"type":"note_off","ch":1,"note":60,"vel":64}"#,
        #"{"t":7,"type":"end","reason":"error"}"#,
      ])
  }

  @Test(
    "a reader that goes away is no error",
    arguments: [
      "--pace fast", "--speed 10", "--speed 10 --loop forever", "--pace fast --loop forever",
    ])
  func endsWithReader(arguments: String) throws {
    let outcome = try Self.shell("timeout 10 midi-in --input tune.mid \(arguments) | head -1")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error == "")
    #expect(outcome.lines.count == 1)
  }

  @Test("an endless file is refused at once")
  func refusesEndlessFile() throws {
    let outcome = try Self.shell("(printf MThd; cat /dev/zero) | timeout 20 midi-in --pace fast")
    #expect(outcome.status == 65)
    #expect(outcome.error.contains("expected a MIDI file of at most"))
  }

  @Test("a signal ends the sounding notes, then the stream", arguments: ["INT", "TERM", "HUP"])
  func endsOnSignal(signal: String) throws {
    let outcome = try Self.shell(
      """
      set -m # Otherwise commands in the background ignore SIGINT.
      midi-in --input tune.mid --speed 0.1 >out & tool=$!
      until grep -q note_on out; do sleep 0.01; done
      kill -\(signal) $tool; wait $tool; echo $?; tail -2 out
      """)
    #expect(outcome.lines.first == "0")
    #expect(outcome.lines[1].contains(#""type":"note_off","ch":1,"note":60"#))
    #expect(outcome.lines[2].contains(#""type":"end","reason":"interrupted""#))
  }
}
