import Foundation
import MidiFile
import TestSupport
import Testing

/// midi-out, run as a user would.
@Suite struct MidiOutCommandTests {
  /// A stream as a simple agent writes it: two bars of count-in, then a melody with a chord a bar.
  /// Each chord is committed two beats ahead.
  static func stream(
    _ chords: [String] = ["C", "Am7", "Dm7", "G7"], tempo: Double = 120, repeats: Int = 1
  ) -> String {
    let song = Array(repeatElement(chords, count: repeats).joined())
    let frameLength = Int(15_000_000 / tempo)
    var lines = [
      #"{"type":"header","t":0,"format":"jam","version":1,"tempo":\#(tempo),"meter":"4/4","#
        + #""frames_per_beat":4,"producer":"test","source":"test"}"#
    ]
    for frame in -32..<16 * song.count {
      let time = (frame + 32) * frameLength
      let at = #""t":\#(time)"#
      if frame >= 0, frame % 4 == 0 {
        let note = 72 + [0, 4, 7, 5][frame / 4 % 4]
        if frame > 0 { lines.append(#"{"type":"note_off",\#(at),"ch":1,"note":76,"vel":0}"#) }
        lines.append(#"{"type":"note_off",\#(at),"ch":1,"note":\#(note),"vel":0}"#)
        lines.append(#"{"type":"note_on",\#(at),"ch":1,"note":\#(note),"vel":90}"#)
      }
      lines.append(#"{"type":"tick",\#(at),"frame":\#(frame)}"#)
      guard frame >= -4 else { continue }
      let bars = max(0, frame / 16)...min(song.count - 1, (frame + 16) / 16)
      let planned = bars.map { bar in
        #"{"from":\#(16 * bar),"to":\#(16 * bar + 16),"chord":"\#(song[bar])"}"#
      }
      lines.append(
        #"{"type":"plan",\#(at),"frame":\#(frame),"rev":\#(frame + 5),"commit":\#(frame + 8),"#
          + #""until":\#(16 * (bars.upperBound + 1)),"chords":[\#(planned.joined(separator: ","))],"#
          + #""melody":[]}"#)
    }
    let end = (16 * song.count + 32) * frameLength
    lines.append(#"{"type":"end","t":\#(end),"reason":"eof"}"#)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Runs a command in a folder of its own. Returns the outcome, and the folder's files by name.
  static func run(
    _ command: String, input: String = stream()
  ) throws -> (outcome: ToolRunner.Outcome, files: [String: Data]) {
    try ToolRunner.withTemporaryFolder { folder in
      let outcome = try ToolRunner.shell(command, input: Data(input.utf8), folder: folder)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      let files = try names.map { name in
        (name, try Data(contentsOf: folder.appendingPathComponent(name)))
      }
      return (outcome, Dictionary(uniqueKeysWithValues: files))
    }
  }

  /// Notes that never end, or end twice, as channel/pitch.
  static func unbalanced(_ file: MidiFile) -> [String] {
    var sounding: [String: Int] = [:]
    for event in file.tracks.joined().map(\.event) {
      switch event {
      case .message(.noteOn(let note)):
        sounding["\(note.channel.rawValue)/\(note.pitch.rawValue)", default: 0] += 1
      case .message(.noteOff(let note)):
        sounding["\(note.channel.rawValue)/\(note.pitch.rawValue)", default: 0] -= 1
      default: break
      }
    }
    return sounding.filter { $0.value != 0 }.keys.sorted()
  }

  static func midiFile(_ data: Data?) throws -> MidiFile {
    try MidiFile(parsing: Array(try #require(data)))
  }

  /// The samples of a .wav file, left and right in turn.
  static func samples(_ data: Data) -> [Float] {
    Data(data.dropFirst(44)).withUnsafeBytes { bytes in
      bytes.bindMemory(to: Int16.self).map { Float($0) / 32_768 }
    }
  }

  @Test("the same stream gives the same files, byte for byte")
  func sameStreamGivesSameFiles() throws {
    let command =
      "for i in 1 2; do midi-out --melody --metronome -o $i.mid -o $i.wav -o $i.flac -o $i.ogg"
      + " <<<\"$stream\"; done"
    let (outcome, files) = try Self.run("stream=$(cat); " + command)
    #expect(outcome.error == "" && outcome.status == 0)
    for kind in ["mid", "wav", "flac", "ogg"] {
      #expect(files["1.\(kind)"] != nil && files["1.\(kind)"] == files["2.\(kind)"], "\(kind)")
    }
    #expect(files.count == 8)
  }

  @Test("a MIDI file has a track for each part, and markers for chords")
  func writesTracks() throws {
    let (outcome, files) = try Self.run("midi-out --melody --metronome --output a.mid")
    #expect(outcome.status == 0)
    let file = try Self.midiFile(files["a.mid"])
    let names = file.tracks.compactMap { $0.first?.event }
    #expect(
      names == ["Jam", "Melody", "Chords", "Bass", "Metronome"].map { .trackName($0) })
    #expect(file.ticksPerQuarter == 480 && file.format == .parallelTracks)
    let bar = 4 * 480
    #expect(
      Array(file.tracks[0].dropFirst()) == [
        TimedEvent(tick: 0, event: .tempo(microsecondsPerQuarter: 500_000)),
        TimedEvent(tick: 0, event: .meter(.fourFour)),
        TimedEvent(tick: 2 * bar, event: .marker("C")),
        TimedEvent(tick: 3 * bar, event: .marker("Am7")),
        TimedEvent(tick: 4 * bar, event: .marker("Dm7")),
        TimedEvent(tick: 5 * bar, event: .marker("G7")),
      ])
    let bass = file.tracks[3].compactMap { timed -> [Int]? in
      guard case .message(.noteOn(let note)) = timed.event else { return nil }
      return [timed.tick / bar, Int(note.pitch.rawValue) % 12]
    }
    #expect(bass == [[2, 0], [3, 9], [4, 2], [5, 7]])
    #expect(Self.unbalanced(file) == [])
  }

  @Test("the loudest pitch classes of a chord are its tones")
  func rendersChordTones() throws {
    let (_, files) = try Self.run("midi-out -o a.wav", input: Self.stream(["C"]))
    let samples = Self.samples(try #require(files["a.wav"]))
    // The chord begins after two bars of two seconds each.
    let second = 2 * 44_100
    #expect(samples[..<(4 * second - 200)].allSatisfy { abs($0) < 0.001 })
    let chroma = Chroma.of(left: Array(samples[4 * second..<5 * second]))
    let loudest = chroma.indices.sorted { chroma[$0] > chroma[$1] }
    #expect(Set(loudest.prefix(3)) == [0, 4, 7])
    // Far louder than all others.
    #expect(chroma[loudest[2]] > 10 * chroma[loudest[3]], "\(chroma)")
  }

  @Test("the default volumes do not clip")
  func defaultsDoNotClip() throws {
    let chords = ["C13", "Fmaj9", "G7b9", "Cm11"]
    let (_, files) = try Self.run(
      "midi-out --melody --metronome -o a.wav", input: Self.stream(chords))
    let peak = Self.samples(try #require(files["a.wav"])).map(abs).max() ?? 0
    #expect(0.1..<0.9 ~= peak)
  }

  /// Waits in the shell until a condition holds, at most ten seconds.
  private static func until(_ condition: String) -> String {
    "for i in $(seq 200); do if \(condition) 2>/dev/null; then break; fi; sleep 0.05; done"
  }

  @Test(
    "after a signal the files are complete, and all notes in them end", arguments: ["TERM", "INT"])
  func completesFilesOnSignal(signal: String) throws {
    let (outcome, files) = try Self.run(
      // A shell lets commands in the background ignore SIGINT.
      "env --default-signal midi-out --pace realtime --late 60000 --melody --metronome"
        + " -o a.mid -o a.wav <&0 & \(Self.until("[ $(stat -c %s a.wav 2>/dev/null || echo 0) -gt 100000 ]"))"
        + "; kill -\(signal) $!; wait $!",
      input: Self.stream(tempo: 2400, repeats: 100))
    #expect(outcome.status == 0 && outcome.error == "")
    let file = try Self.midiFile(files["a.mid"])
    #expect(file.tracks.count == 5 && Self.unbalanced(file) == [])
    #expect(Self.wavIsWhole(try #require(files["a.wav"])))
    #expect(files.count == 2)
  }

  @Test("if midi-out is killed in real time, its files can be played")
  func leavesPlayableFilesIfKilled() throws {
    let play = "midi-out --pace realtime --melody -o a.mid -o a.wav"
    let (outcome, files) = try Self.run(
      "\(play) <&0 & \(Self.until("[ $(stat -c %s a.mid 2>/dev/null || echo 0) -gt 500 ]")); kill -KILL $!; wait $!",
      input: Self.stream(tempo: 2400, repeats: 100))
    #expect(outcome.status == 128 + 9)
    let file = try Self.midiFile(files["a.mid"])
    #expect(file.tracks.count == 4 && Self.unbalanced(file) == [])
    let sound = try #require(files["a.wav"])
    #expect(Self.wavIsWhole(sound) && Self.samples(sound).contains { abs($0) > 0.05 })
  }

  /// Whether the header announces samples, and no more than the file has.
  private static func wavIsWhole(_ data: Data) -> Bool {
    let length = data.dropFirst(40).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    return data.starts(with: "RIFF".utf8) && length > 0 && 44 + length <= data.count
  }

  @Test("both paces give the same files")
  func pacesGiveSameFiles() throws {
    let (outcome, files) = try Self.run(
      """
      stream=$(cat)
      midi-out --melody --metronome -o fast.mid -o fast.wav <<<"$stream"
      midi-out --melody --metronome --pace realtime --late 60000 -o real.mid -o real.wav \
        <<<"$stream"
      """,
      input: Self.stream(tempo: 4800))
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(files["fast.mid"] != nil && files["fast.mid"] == files["real.mid"])
    #expect(files["fast.wav"] != nil && files["fast.wav"] == files["real.wav"])
  }

  @Test("a broken stream leaves no files at pace fast, and complete ones in real time")
  func brokenStreams() throws {
    let broken = Self.stream(tempo: 4800).split(separator: "\n").prefix(60) + ["{\"t\":"]
    let input = broken.joined(separator: "\n") + "\n"
    let fast = try Self.run("midi-out -o a.mid -o a.wav", input: input)
    #expect(fast.outcome.status == 65)
    #expect(fast.outcome.error.hasPrefix("midi-out: <stdin>:61: "))
    #expect(fast.files.isEmpty)
    // What was played in real time stays.
    let real = try Self.run("midi-out --pace realtime -o a.mid -o a.wav", input: input)
    #expect(real.outcome.status == 65 && real.files.count == 2)
    #expect(Self.unbalanced(try Self.midiFile(real.files["a.mid"])) == [])
  }

  @Test(
    "wrong options and files are refused with the reason",
    arguments: [
      (
        "midi-out -o a.mid -o none/a.wav", 74,
        "cannot write none/a.wav: No such file or directory\n"
      ),
      ("mkdir b.mid; midi-out -o b.mid -o a.mid", 74, "cannot write b.mid: Is a directory\n"),
      (
        "midi-out -o a.wav --soundfont none.sf2", 66,
        "cannot open none.sf2: No such file or directory\n"
      ),
      (
        "midi-out -o a.wav --soundfont /etc/passwd", 65,
        "cannot load the sound font /etc/passwd: expected RIFF data of the kind sfbk\n"
      ),
      (
        "midi-out -o a.mp3", 64,
        "The value 'a.mp3' is invalid for '-o <file>':"
          + " expected a name that ends in .mid, .midi, .wav, .flac or .ogg\n"
      ),
      ("midi-out", 64, "nothing to play to: name a port with --port or a file with --output\n"),
      ("midi-out -o a.mid --clock", 64, "--clock is for --port and --virtual\n"),
      ("midi-out --port 14:0 --pace fast", 64, "ports are played to in real time\n"),
      ("midi-out --port A --latency B=5", 64, "--latency: B is no --port\n"),
      ("midi-out --virtual --wait", 64, "--wait is for --port\n"),
      ("midi-out --virtual --offset 20000", 64, "--offset is -10000 to 10000\n"),
      ("midi-out -o a.mid --velocity 0", 64, "--velocity is 1 to 127\n"),
      ("midi-out -o a.mid </dev/null", 65, "<stdin>: expected a header, found the end\n"),
    ])
  func refuses(command: String, status: Int32, message: String) throws {
    let (outcome, files) = try Self.run("\(command); status=$?; rmdir b.mid 2>&-; exit $status")
    #expect(outcome.status == status)
    #expect(outcome.error.hasPrefix("midi-out: " + message))
    #expect(files.isEmpty)
  }

  /// The tool before it in the pipeline has said why nothing came.
  @Test("an empty pipe is no error to be told a second time")
  func isQuietAboutAnEmptyPipe() throws {
    let (outcome, files) = try Self.run("true | midi-out -o a.mid")
    #expect(outcome.status == 65 && outcome.error.isEmpty && files.isEmpty)
  }

  @Test("what cannot be written into a pipe is refused at once", arguments: ["wav", "ogg"])
  func refusesPipe(kind: String) throws {
    let (outcome, _) = try Self.run(
      "mkfifo a.\(kind); (wc -c < a.\(kind)) & midi-out -o a.\(kind); s=$?; wait; rm a.*; exit $s")
    #expect(outcome.status == 74 && outcome.lines == ["0"])
    #expect(
      outcome.error
        == "midi-out: cannot write a.\(kind): a .\(kind) file cannot be written into a pipe; "
        + ".flac can\n")
  }

  @Test("a tempo that a MIDI file cannot hold is an error", arguments: [(3.5, 65), (3.6, 0)])
  func refusesSlowTempo(tempo: Double, status: Int32) throws {
    let (outcome, files) = try Self.run("midi-out -o a.mid", input: Self.stream(tempo: tempo))
    #expect(outcome.status == status && (files["a.mid"] == nil) == (status != 0))
    #expect(outcome.error.hasSuffix("below 3.58 beats/min, found 3.5\n") == (status != 0))
  }

  @Test("a plan that changes committed chords is reported once, and not followed")
  func reportsChangedCommitment() throws {
    var lines = Self.stream().split(separator: "\n").map(String.init)
    for index in lines.indices where index > 100 && lines[index].contains("plan") {
      lines[index] = lines[index].replacingOccurrences(of: "Am7", with: "E7")
    }
    let (outcome, files) = try Self.run(
      "midi-out -o a.mid", input: lines.joined(separator: "\n") + "\n")
    #expect(outcome.status == 0)
    #expect(outcome.error.split(separator: "\n").count == 1)
    #expect(outcome.error.contains("the plan changes what was committed"))
    let markers = try Self.midiFile(files["a.mid"]).tracks[0].map(\.event)
    #expect(markers.contains(.marker("Am7")))
  }
}
