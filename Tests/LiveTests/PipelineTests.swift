import Foundation
import MidiFile
import Music
import Records
import TestSupport
import Testing

@testable import Sequencer

extension LiveTests {
  /// The whole pipeline on real ports.
  @Suite struct PipelineTests {
    static let tempo = 40.0

    /// Three minutes of quarter notes and eighths that change between two keys, as a file for
    /// aplaymidi.
    static func performance() -> (file: Data, notes: Int) {
      var random = SplitMix64(seed: 11)
      let scale = [0, 2, 4, 5, 7, 9, 11]
      var events = [
        TimedEvent(tick: 0, event: .tempo(microsecondsPerQuarter: Int(60_000_000 / tempo)))
      ]
      var (tick, degree, count) = (0, 7, 0)
      while tick < 120 * 480 {
        let length = Bool.random(using: &random) ? 480 : 240
        degree = min(max(degree + Int.random(in: -2...2, using: &random), 0), 13)
        let key = tick / (48 * 480) % 2 == 0 ? 60 : 63
        let note = Note(
          channel: Channel(1)!, pitch: Pitch(key + 12 * (degree / 7) + scale[degree % 7])!,
          velocity: Velocity(80)!)
        events.append(TimedEvent(tick: tick, event: .message(.noteOn(note))))
        events.append(TimedEvent(tick: tick + length - 20, event: .message(.noteOff(note))))
        tick += length
        count += 1
      }
      let file = MidiFile(format: .singleTrack, ticksPerQuarter: 480, tracks: [events])
      return (Data(file.encoded()), count)
    }

    /// The frames that came in which committed chords begin, and the pitch classes of their basses.
    static func committedChords(_ records: [Record]) -> [(frame: Frame, bass: Int)] {
      var chords: [(frame: Frame, bass: Int)] = []
      var commit = Frame(.min)
      var last = Frame(0)
      for record in records {
        if case .tick(let frame) = record.event { last = frame }
        guard case .plan(let plan) = record.event else { continue }
        for chord in plan.chords where chord.from >= commit && chord.from < plan.commit {
          // A plan need not say when a chord that already sounds began.
          guard chord.from >= plan.frame, chord.symbol != "N", let bass = chord.bass else {
            continue
          }
          chords.append((chord.from, Int(bass)))
        }
        commit = max(commit, plan.commit)
      }
      return chords.filter { $0.frame <= last }
    }

    /// It plays for three minutes. For two of them the reader of a branch takes nothing, which
    /// holds up nothing else.
    @Test("plays every committed chord once and on time")
    func everyCommittedChordSoundsOnTime() throws {
      let synthesiser = try Synthesiser("Synth")
      let (file, notes) = Self.performance()
      let pipeline = try Self.pipeline()
      let view = try pipeline.openNarrow("view")
      try synthesiser.wait(for: "midi-in")
      try synthesiser.wait(for: "midi-out")
      let played = try Pipeline("aplaymidi -p midi-in take.mid", files: ["take.mid": file])
      try synthesiser.listen(seconds: 20)
      try view.close()
      Pipeline.signal("STOP", "cat")
      try synthesiser.listen(seconds: 120)
      Pipeline.signal("CONT", "cat")
      #expect(try synthesiser.listen(atMost: 300) { _ in !played.isRunning })
      try synthesiser.listen(seconds: 1)
      Pipeline.signal("INT", "midi-in")
      #expect(pipeline.wait() == 0)
      try synthesiser.listen()
      let recording = try pipeline.data("session.jsonl")
      let records = try Stream.records(recording)
      let noteOns = records.filter {
        if case .message(.noteOn) = $0.event { true } else { false }
      }
      #expect(noteOns.count == notes)
      try Self.checkBass(synthesiser, against: records)
      #expect(synthesiser.sounding == [])
      #expect(LiveTests.endsInSilence(synthesiser.heard))
      try tellsWhatIsMissing(try pipeline.data("seen"), of: records)
      try replays(recording)
    }

    private static func pipeline() throws -> Pipeline {
      try Pipeline(
        """
        mkfifo view
        cat view > seen &
        midi-in --virtual --tempo \(tempo) |
          jam-agent --live --hypotheses 1 --lookahead 1 --model shallow.safetensors |
          jam-tee --queue 64 view session.jsonl | midi-out --port Synth --stats 60
        status=$?
        wait
        exit $status
        """, files: ["shallow.safetensors": try ShallowModel.data()])
    }

    /// The bass plays every committed chord, at the time of the tick that begins it.
    private static func checkBass(_ synthesiser: Synthesiser, against records: [Record]) throws {
      let epoch = try #require(Stream.epoch(records))
      var times: [Frame: Int64] = [:]
      for record in records {
        if case .tick(let frame) = record.event { times[frame] = epoch + record.time.rawValue }
      }
      let committed = committedChords(records)
      let bass = synthesiser.heard.compactMap { heard in
        heard.event.begun(channel: 3).map { (pitch: Int($0.pitch.rawValue), time: heard.time) }
      }
      #expect(committed.count > 20)
      #expect(bass.map { $0.pitch % 12 } == committed.map(\.bass))
      let lateness = zip(committed, bass).map { $1.time - (times[$0.frame] ?? 0) }
      print(
        "output lateness in us: \(lateness.min()!) to \(lateness.max()!), \(lateness.count) chords")
      // Times are whole microseconds, rounded by the sender and by the receiver.
      #expect(lateness.allSatisfy { -2...250 ~= $0 }, "\(lateness)")
    }

    /// The branch's stats count all records that it did not get.
    private func tellsWhatIsMissing(_ seen: Data, of records: [Record]) throws {
      var (shown, missed) = (0, 0)
      for record in try Stream.records(seen) {
        if case .stat(let counters) = record.event, counters[0].name == "dropped" {
          missed += Int(counters[0].value)
        } else {
          shown += 1
        }
      }
      print("a viewer that stands still missed \(missed) of \(records.count) records")
      #expect(missed > 0 && shown + missed == records.count)
    }

    /// The beginning of the recording, replayed at full speed, gives the same plans again. Ticks
    /// that the live agent missed get plans, too.
    private func replays(_ recording: Data) throws {
      let beginning = recording.split(separator: UInt8(ascii: "\n")).prefix(300)
      let replay = try Pipeline(
        "jam-agent --hypotheses 1 --lookahead 1 --model shallow.safetensors < beginning > replay",
        files: [
          "shallow.safetensors": try ShallowModel.data(),
          "beginning": Data(beginning.map { $0 + [UInt8(ascii: "\n")] }.joined()),
        ])
      #expect(replay.wait() == 0)
      let replayed = Set(try replay.data("replay").split(separator: UInt8(ascii: "\n")))
      let plans = beginning.filter { $0.range(of: Data(#""type":"plan""#.utf8)) != nil }
      #expect(plans.count > 50)
      #expect(plans.allSatisfy(replayed.contains))
    }
  }
}
