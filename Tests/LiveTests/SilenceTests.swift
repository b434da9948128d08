import Foundation
import TestSupport
import Testing

extension LiveTests {
  /// midi-out leaves no note sounding.
  @Suite struct SilenceTests {
    private static let stream = CommittedStream.data(CommittedStream.lines(beats: 40, tempo: 300))

    /// The number of random moments for each ending. JAMLINE_MOMENTS sets it.
    private static let count = Int(ProcessInfo.processInfo.environment["JAMLINE_MOMENTS"] ?? "3")!

    /// Moments after the first note, in seconds.
    private static func moments(_ count: Int, seed: UInt64) -> [Double] {
      var random = SplitMix64(seed: seed)
      return (0..<count).map { _ in Double.random(in: 0..<1.2, using: &random) }
    }

    @Test(
      "leaves no note sounding, however it ends",
      arguments: ["INT", "TERM", "HUP", "TSTP", "KILL", "end", "broken"])
    func nothingSoundsAfterwards(ending: String) throws {
      let synthesiser = try Synthesiser("Synth")
      for (number, moment) in Self.moments(Self.count, seed: 5).enumerated() {
        synthesiser.forget()
        let play = "exec midi-out --port Synth --melody --through"
        let pipeline: Pipeline
        switch ending {
        case "end", "broken":
          // The input ends at a random place, after a line or within one.
          let count = Int(Double(Self.stream.count) * (0.02 + moment / 8))
          let whole = Self.stream.prefix(count).lastIndex(of: UInt8(ascii: "\n")) ?? 0
          let input = ending == "end" ? Self.stream.prefix(whole + 1) : Self.stream.prefix(count)
          pipeline = try Pipeline("\(play) < stream", files: ["stream": input])
          _ = pipeline.wait()
        default:
          pipeline = try Pipeline("\(play) < stream", files: ["stream": Self.stream])
          let hasBegun = try synthesiser.listen { heard in
            heard.contains { $0.event.begun(channel: 3) != nil }
          }
          #expect(hasBegun)
          LiveMachine.pass(seconds: moment)
          Pipeline.signal(ending, pipeline.pid)
        }
        let isSilent = try synthesiser.listen(atMost: 3) { _ in synthesiser.sounding == [] }
        #expect(isSilent, "\(ending) number \(number) after \(moment) s: \(synthesiser.sounding)")
        try synthesiser.listen(seconds: 0.2)
        #expect(synthesiser.sounding == [], "\(ending) number \(number)")
        #expect(LiveTests.endsInSilence(synthesiser.heard), "\(ending) number \(number)")
        // After SIGTSTP it plays on with the next beat when it is continued, and is killed then.
        if ending == "TSTP" {
          synthesiser.forget()
          Pipeline.signal("CONT", pipeline.pid)
          let goesOn = try synthesiser.listen { $0.contains { $0.event.begun(channel: 3) != nil } }
          #expect(goesOn)
          Pipeline.signal("KILL", pipeline.pid)
          #expect(try synthesiser.listen(atMost: 3) { _ in synthesiser.sounding == [] })
        }
        _ = pipeline.wait()
      }
    }

    /// All processes are killed at once, as with `kill -9 -- -PGID`.
    @Test("leaves no note sounding when the whole pipeline is killed")
    func aPipelineThatIsKilledAsAWholeIsSilent() throws {
      let synthesiser = try Synthesiser("Synth")
      let pipeline = try Pipeline(
        "set -m; (midi-in --input stream | midi-out --port Synth) & echo $! > group; wait",
        files: ["stream": Self.stream])
      #expect(try synthesiser.listen { $0.contains { $0.event.begun(channel: 3) != nil } })
      let group = try pipeline.text("group").trimmingCharacters(in: .whitespacesAndNewlines)
      Pipeline.signal("KILL", -(try #require(pid_t(group))))
      #expect(try synthesiser.listen(atMost: 3) { _ in synthesiser.sounding == [] })
    }

    /// One of two synthesisers is gone when midi-out is killed; the other one falls silent.
    @Test("silences the ports that stay when another port is gone")
    func whoStaysIsSilencedThoughAnotherIsGone() throws {
      for number in 0..<4 {
        let stays = try Synthesiser("Stays")
        var goes: Synthesiser? = try Synthesiser("Goes")
        let pipeline = try Pipeline(
          "exec midi-out --port Goes --port Stays < stream", files: ["stream": Self.stream])
        #expect(try stays.listen { $0.contains { $0.event.begun(channel: 3) != nil } })
        _ = goes
        goes = nil
        LiveMachine.pass(seconds: 0.3)
        let isPlaying = try stays.listen(atMost: 3) { _ in !stays.sounding.isEmpty }
        #expect(isPlaying)
        Pipeline.signal("KILL", pipeline.pid)
        #expect(try stays.listen(atMost: 3) { _ in stays.sounding == [] }, "number \(number)")
        _ = pipeline.wait()
      }
    }

    /// Another program disconnects the synthesiser from midi-out, which plays on.
    @Test("ends the notes at a port that is disconnected")
    func aConnectionThatIsCutIsSilent() throws {
      let synthesiser = try Synthesiser("Synth")
      let pipeline = try Pipeline(
        "exec midi-out --virtual=Band < stream", files: ["stream": Self.stream])
      try synthesiser.connect(from: "Band")
      #expect(try synthesiser.listen { _ in !synthesiser.sounding.isEmpty })
      let outcome = try ToolRunner.shell("aconnect -d Band:0 Synth:0")
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(try synthesiser.listen(atMost: 1) { _ in synthesiser.sounding == [] })
      Pipeline.signal("TERM", pipeline.pid)
      #expect(pipeline.wait() == 0)
    }

    @Test("silences all channels on SIGUSR1 and plays on")
    func panicSilencesAndGoesOn() throws {
      let synthesiser = try Synthesiser("Synth")
      let pipeline = try Pipeline(
        "exec midi-out --port Synth < stream", files: ["stream": Self.stream])
      #expect(try synthesiser.listen { $0.contains { $0.event.begun(channel: 3) != nil } })
      synthesiser.forget()
      Pipeline.signal("USR1", pipeline.pid)
      // All channels are silenced, also those that were not played on.
      let isSilenced = try synthesiser.listen { heard in
        heard.contains {
          $0.event == .message(.control(channel: .init(16)!, controller: 120, value: 0))
        }
      }
      #expect(isSilenced)
      #expect(try synthesiser.listen { $0.contains { $0.event.begun(channel: 3) != nil } })
      Pipeline.signal("TERM", pipeline.pid)
      #expect(pipeline.wait() == 0)
      try synthesiser.listen()
      #expect(synthesiser.sounding == [])
    }
  }
}
