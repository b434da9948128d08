import Foundation
import Records
import Testing

@testable import Sequencer

extension LiveTests {
  /// MIDI clocks, and clocks of other machines.
  @Suite struct ClockTests {
    /// The tempo rises from 90 to 130 beats a minute in a minute.
    @Test("follows a MIDI clock with its ticks")
    func ticksFollowAMidiClock() throws {
      let keys = try PlayedKeyboard("Drums")
      let pipeline = try Pipeline("exec midi-in --virtual --sync midi-clock --tempo 90 > stream")
      try keys.connect(to: "midi-in")
      let times = try Self.playClock(keys)
      let end = try #require(times.last)
      LiveMachine.pass(seconds: Double(end - LiveMachine.now) / 1_000_000 + 1)
      Pipeline.signal("INT", pipeline.pid)
      #expect(pipeline.wait() == 0)

      let records = try Stream.records(try pipeline.data("stream"))
      let epoch = try #require(Stream.epoch(records))
      let ticks = records.compactMap { record -> (frame: Int, time: Int64)? in
        guard case .tick(let frame) = record.event else { return nil }
        return (frame.rawValue, epoch + record.time.rawValue)
      }
      let count = (times.count + 5) / 6
      #expect(ticks.map(\.frame) == Array(0...count))
      let errors = ticks.prefix(count).map { abs($0.time - times[6 * $0.frame]) }
      print("ticks and MIDI clock apart by at most \(errors.max()!) us, \(count) ticks")
      #expect(errors.allSatisfy { $0 <= 2_000 }, "\(errors.max()!)")
      try Self.checkSettings(of: records)
    }

    /// Plays a minute of clock pulses, and a frame's worth of them after a stop. Returns the times
    /// of the first minute's pulses.
    private static func playClock(_ keys: PlayedKeyboard) throws -> [Int64] {
      let start = LiveMachine.now + 500_000
      var (times, seconds) = ([Int64](), 0.0)
      while seconds < 60 {
        times.append(start + Int64(seconds * 1_000_000))
        seconds += 60 / (90 + 40 * seconds / 60) / 24
      }
      // Pulses before the start begin no frame.
      try keys.play(.clock(.pulse), at: start - 100_000)
      try keys.play(.clock(.start), at: start - 1_000)
      for time in times { try keys.play(.clock(.pulse), at: time) }
      let end = try #require(times.last)
      try keys.play(.clock(.stop), at: end + 5_000)
      for pulse in 1...12 { try keys.play(.clock(.pulse), at: end + Int64(pulse) * 20_000) }
      try keys.play(.clock(.continue), at: end + 300_000)
      for pulse in 0..<6 {
        try keys.play(.clock(.pulse), at: end + 310_000 + Int64(pulse) * 20_000)
      }
      return times
    }

    /// The music starts, stops and continues, and its last tempo before the stop is 130.
    private static func checkSettings(of records: [Record]) throws {
      let playing = records.compactMap { record -> Bool? in
        if case .set("playing", .flag(let isPlaying)) = record.event { isPlaying } else { nil }
      }
      #expect(playing == [true, false, true])
      let untilStop = records.prefix {
        if case .set("playing", .flag(false)) = $0.event { false } else { true }
      }
      let tempi = untilStop.compactMap { record -> Double? in
        if case .tempo(_, let tempo) = record.event { tempo } else { nil }
      }
      #expect(abs(try #require(tempi.last) - 130) < 1)
    }

    @Test("sends a MIDI clock that another midi-in follows")
    func aClockThatIsSentIsFollowed() throws {
      let stream = CommittedStream.data(CommittedStream.lines(beats: 16, tempo: 150))
      let follower = try Pipeline("exec midi-in --virtual=Follower --sync midi-clock > stream")
      let studio = try Synthesiser("Studio")
      try studio.wait(for: "Follower")
      let player = try Pipeline(
        "exec midi-out --port Follower --clock < stream", files: ["stream": stream])
      #expect(player.wait() == 0)
      Pipeline.signal("INT", follower.pid)
      #expect(follower.wait() == 0)
      let records = try Stream.records(try follower.data("stream"))
      let ticks = records.compactMap { if case .tick = $0.event { $0.time.rawValue } else { nil } }
      #expect(64...66 ~= ticks.count, "\(ticks.count)")
      let steps = zip(ticks.dropFirst(), ticks).map { $0 - $1 }
      #expect(steps.dropFirst(4).allSatisfy { abs($0 - 100_000) < 500 }, "\(steps)")
      let sets = records.filter { if case .set("playing", _) = $0.event { true } else { false } }
      #expect(sets.count == 2)
    }

    /// midi-out runs on another machine with another clock, and the network between them takes 30
    /// to 50 ms, varying at random.
    @Test("keeps time with a stream from another machine")
    func musicFromAnotherMachineKeepsTime() throws {
      let synthesiser = try Synthesiser("Synth")
      let stream = CommittedStream.data(CommittedStream.lines(beats: 120, tempo: 240, ahead: 8))
      let pipeline = try Pipeline(
        """
        ip netns add near && ip netns add far
        ip link add wire netns near type veth peer name wire netns far
        for end in near far; do
          ip -n $end link set lo up; ip -n $end link set wire up
        done
        ip -n near addr add 10.0.0.1/24 dev wire; ip -n far addr add 10.0.0.2/24 dev wire
        ip netns exec near tc qdisc add dev wire root netem delay 40ms 10ms
        ip netns exec far unshare --time --fork --monotonic 100000 \\
          bash -c 'socat -u TCP-LISTEN:7464,nodelay - | midi-out --port Synth --stats 60' &
        sleep 2
        midi-in --input stream | tee near.jsonl | ip netns exec near socat -u - TCP:10.0.0.2:7464,nodelay
        wait
        """, files: ["stream": stream])
      #expect(try synthesiser.listen(atMost: 90) { _ in !pipeline.isRunning })
      try synthesiser.listen()
      let beats = synthesiser.heard.compactMap { $0.event.begun(channel: 3) == nil ? nil : $0.time }
      #expect(beats.count == 120, "\(beats.count): \(pipeline.errors)")
      // After a few seconds, the offset of each beat from a steady tempo.
      let settled = beats.dropFirst(20)
      let offsets = settled.enumerated().map { $1 - Int64($0) * 250_000 }
      let spread = offsets.max()! - offsets.min()!
      print("beats from another machine, of 40 +- 10 ms delay: within \(spread) us")
      let near = try Stream.records(try pipeline.data("near.jsonl"))
      let epoch = try #require(Stream.epoch(near))
      let delays = settled.enumerated().map { $1 - epoch - Int64($0 + 20) * 250_000 }
      #expect(delays.allSatisfy { 28_000...36_000 ~= $0 }, "\(delays)")
      #expect(spread < 4_000)
      #expect(synthesiser.sounding == [])
    }
  }
}
