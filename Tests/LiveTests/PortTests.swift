import Foundation
import Music
import TestSupport
import Testing

@testable import Sequencer

extension LiveTests {
  /// What midi-in records from ports, and what midi-out plays to them.
  @Suite struct PortTests {
    /// 10,000 events a second, far more than anyone plays.
    @Test("counts every event that a flood makes it lose")
    func aFloodLosesNothingThatIsNotCounted() throws {
      let seconds = Double(ProcessInfo.processInfo.environment["JAMLINE_FLOOD_SECONDS"] ?? "1")!
      let keys = try PlayedKeyboard("Flood")
      let pipeline = try Pipeline("exec midi-in --virtual > stream")
      try keys.connect(to: "midi-in")
      let start = LiveMachine.now + 100_000
      let count = Int(seconds * 10_000)
      for number in 0..<count {
        let event: SequencerEvent = number % 2 == 0 ? .on(number / 2 % 128) : .off(number / 2 % 128)
        try keys.play(event, at: start + Int64(number) * 100)
      }
      LiveMachine.pass(seconds: 1)
      Pipeline.signal("INT", pipeline.pid)
      #expect(pipeline.wait() == 0)
      let records = try Stream.records(try pipeline.data("stream"))
      var (came, lost) = (0, 0)
      for record in records {
        switch record.event {
        case .message(.noteOn), .message(.noteOff): came += 1
        case .stat(let counters): lost = Int(counters.first { $0.name == "lost" }?.value ?? 0)
        default: break
        }
      }
      print("flood: \(count) events sent, \(came) came, \(lost) counted as lost")
      #expect(lost == 0 ? came == count : came + lost >= count)
    }

    /// A midi-in that is stopped for a while loses notes, counts them, and leaves none sounding.
    @Test("counts lost events in a stat record")
    func whatIsLostIsCounted() throws {
      let keys = try PlayedKeyboard("Flood")
      let pipeline = try Pipeline("exec midi-in --virtual > stream")
      try keys.connect(to: "midi-in")
      try keys.play(.on(1))
      #expect(
        try LiveMachine.wait { try pipeline.text("stream").contains("note_on") })
      Pipeline.signal("STOP", pipeline.pid)
      for number in 0..<2500 { try keys.play(.on(number % 128)) }
      Pipeline.signal("CONT", pipeline.pid)
      LiveMachine.pass(seconds: 0.5)
      try keys.play(.on(2))
      LiveMachine.pass(seconds: 0.2)
      Pipeline.signal("INT", pipeline.pid)
      #expect(pipeline.wait() == 0)
      let records = try Stream.records(try pipeline.data("stream"))
      let notes = records.compactMap { record -> String? in
        switch record.event {
        case .message(.noteOn(let note)): "on \(note.pitch.rawValue)"
        case .message(.noteOff(let note)): "off \(note.pitch.rawValue)"
        case .stat(let counters): "lost \(Int(counters[0].value))"
        default: nil
        }
      }
      #expect(notes == ["on 1", "off 1", "lost 2500", "on 2", "off 2"])
    }

    /// midi-out plays into the port that midi-in records.
    @Test("does not take what midi-out plays for what the person plays")
    func midiOutIsNotHeardAsAPlayer() throws {
      let stream = CommittedStream.data(CommittedStream.lines(beats: 12, tempo: 240))
      let listener = try Pipeline("exec midi-in --port 14:0 > stream")
      let keys = try PlayedKeyboard("Hands")
      try keys.connect(to: "Midi Through")
      let studio = try Synthesiser("Studio")
      try studio.connect(from: "Midi Through")
      let player = try Pipeline(
        "exec midi-out --port 14:0 < stream", files: ["stream": stream])
      #expect(try studio.listen { $0.contains { $0.event.begun(channel: 3) != nil } })
      for pitch in 60..<64 {
        LiveMachine.pass(seconds: 0.3)
        try keys.play(.on(pitch))
        try keys.play(.off(pitch))
      }
      #expect(player.wait() == 0)
      LiveMachine.pass(seconds: 0.2)
      Pipeline.signal("INT", listener.pid)
      #expect(listener.wait() == 0)
      try studio.listen()
      // All notes went through the port, ...
      #expect(studio.heard.filter { $0.event.begun(channel: 3) != nil }.count == 12)
      // ... and only the person's notes are in the stream.
      let notes = try Stream.records(try listener.data("stream")).compactMap { record -> Int? in
        if case .message(.noteOn(let note)) = record.event { Int(note.pitch.rawValue) } else { nil }
      }
      #expect(notes == [60, 61, 62, 63])
    }

    /// midi-out plays to midi-in's own port.
    @Test("does not record what midi-out plays to its own port")
    func midiOutIsNoPlayerOfThisPort() throws {
      let stream = CommittedStream.data(CommittedStream.lines(beats: 8, tempo: 240))
      let listener = try Pipeline("exec midi-in --virtual > stream")
      let keys = try PlayedKeyboard("Hands")
      try keys.connect(to: "midi-in")
      let player = try Pipeline(
        "exec midi-out --port midi-in < stream", files: ["stream": stream])
      LiveMachine.pass(seconds: 1)
      try keys.play(.on(60))
      #expect(player.wait() == 0)
      Pipeline.signal("INT", listener.pid)
      #expect(listener.wait() == 0)
      let notes = try Stream.records(try listener.data("stream")).compactMap { record -> Int? in
        if case .message(.noteOn(let note)) = record.event { Int(note.pitch.rawValue) } else { nil }
      }
      #expect(notes == [60])
    }

    /// The sequencer stamps notes, so it does not matter when midi-in reads them.
    @Test("stamps notes with the time when they arrive")
    func notesAreStampedWhenTheyCome() throws {
      let keys = try PlayedKeyboard("Hands")
      let pipeline = try Pipeline("exec midi-in --virtual > stream")
      try keys.connect(to: "midi-in")
      let start = LiveMachine.now + 100_000
      for number in 0..<100 { try keys.play(.on(60), at: start + Int64(number) * 10_123) }
      LiveMachine.pass(seconds: 0.3)
      Pipeline.signal("STOP", pipeline.pid)
      LiveMachine.pass(seconds: 0.5)
      Pipeline.signal("CONT", pipeline.pid)
      LiveMachine.pass(seconds: 0.8)
      Pipeline.signal("INT", pipeline.pid)
      #expect(pipeline.wait() == 0)
      let records = try Stream.records(try pipeline.data("stream"))
      let epoch = try #require(Stream.epoch(records))
      let times = records.compactMap { record -> Int64? in
        if case .message(.noteOn) = record.event { epoch + record.time.rawValue } else { nil }
      }
      #expect(times.count == 100)
      let errors = times.enumerated().map { $1 - start - Int64($0) * 10_123 }
      print("stamps of notes: \(errors.min()!) to \(errors.max()!) us after they were due")
      #expect(errors.allSatisfy { -20...300 ~= $0 }, "\(errors)")
    }

    @Test("allocates no memory between a key and its record")
    func playingAllocatesNothing() throws {
      let keys = try PlayedKeyboard("Hands")
      let pipeline = try Pipeline(
        "JAMLINE_COUNT=notes LD_PRELOAD=$JAMLINE_TOOLS/allocations.so exec midi-in --virtual"
          + " --start now --tempo 240 > stream")
      try keys.connect(to: "midi-in")
      let start = LiveMachine.now + 100_000
      // Chords with the pedal for three seconds, during which the clocks are also compared.
      for number in 0..<300 {
        let time = start + Int64(number) * 10_000
        if number % 50 == 0 {
          try keys.play(
            .message(.control(channel: Channel(1)!, controller: 64, value: 127)), at: time)
        }
        for pitch in [60, 64, 67] {
          try keys.play(number % 2 == 0 ? .on(pitch) : .off(pitch), at: time)
        }
      }
      LiveMachine.pass(seconds: 3.3)
      Pipeline.signal("INT", pipeline.pid)
      #expect(pipeline.wait() == 0)
      #expect(pipeline.errors == "386 0\n")
    }

    /// Two ports at once, one with a latency; the melody is passed through, and the metronome
    /// clicks.
    @Test("plays earlier to ports with more latency")
    func portsHaveTheirLatencies() throws {
      let (near, far) = (try Synthesiser("Near"), try Synthesiser("Far"))
      let stream = CommittedStream.data(CommittedStream.lines(beats: 16, tempo: 240))
      let pipeline = try Pipeline(
        "exec midi-out --port Near --port Far --latency Far=30 --offset 50 --through --metronome"
          + " --metronome-channel 16 < stream",
        files: ["stream": stream])
      #expect(pipeline.wait() == 0)
      try near.listen()
      try far.listen()
      func times(_ synthesiser: Synthesiser, _ channel: Int) -> [Int64] {
        synthesiser.heard.compactMap { $0.event.begun(channel: channel) == nil ? nil : $0.time }
      }
      for channel in [3, 16] {
        let differences = zip(times(near, channel), times(far, channel)).map { $0 - $1 }
        #expect(differences.count == 16)
        #expect(differences.dropFirst(2).allSatisfy { abs($0 - 30_000) < 300 }, "\(differences)")
      }
      #expect(times(near, 1).count == 32)
      #expect(near.sounding == [] && far.sounding == [])
    }

    /// Standard error is a full pipe that nobody reads.
    @Test("plays on while nobody reads its statistics")
    func statsThatNobodyReadsHoldUpNobody() throws {
      let synthesiser = try Synthesiser("Synth")
      let stream = CommittedStream.data(CommittedStream.lines(beats: 8, tempo: 240))
      let pipeline = try Pipeline(
        """
        mkfifo full && exec 9<>full
        timeout 0.5 yes >&9
        exec midi-out --port Synth --stats 0.1 2>&9 < stream
        """, files: ["stream": stream])
      let hasEnded = try synthesiser.listen(atMost: 20) { _ in !pipeline.isRunning }
      if !hasEnded { Pipeline.signal("KILL", pipeline.pid) }
      #expect(pipeline.wait() == 0)
      try synthesiser.listen()
      #expect(synthesiser.heard.filter { $0.event.begun(channel: 3) != nil }.count == 8)
      #expect(synthesiser.sounding == [])
    }
  }
}
