import Foundation
import TestSupport
import Testing

extension LiveTests {
  /// jam-latency, which measures what the other tests check.
  @Suite struct LatencyTests {
    private struct Figures: Decodable {
      var count: Int
      var missing: Int
      var min: Double
      var mean: Double
      var p99: Double
      var max: Double
      var jitter: Double
    }

    @Test("measures plausible latencies")
    func figuresAreSane() throws {
      try ToolRunner.withTemporaryFolder { models in
        try ShallowModel.data().write(
          to: models.appendingPathComponent("accompanist.safetensors"))
        let outcome = try ToolRunner.shell(
          "JAMLINE_MODELS='\(models.path)' jam-latency --seconds 2 --json --hypotheses 1"
            + " --limit-output 0.25")
        #expect(outcome.status == 0, "\(outcome.error)")
        print("jam-latency: \(outcome.text)")
        let figures = try JSONDecoder().decode([String: Figures].self, from: outcome.output)
        #expect(figures.keys.sorted() == ["input", "loop", "output", "stamp"])
        for (name, figures) in figures {
          #expect(figures.missing == 0, "\(name)")
          let ordered = [figures.min, figures.mean, figures.p99, figures.max]
          #expect(ordered == ordered.sorted(), "\(name)")
          #expect(figures.jitter <= figures.max - figures.min, "\(name)")
        }
        let input = try #require(figures["input"])
        #expect(input.count > 150 && input.min > 0 && input.max < 1)
        let stamp = try #require(figures["stamp"])
        #expect(stamp.count == input.count && stamp.min > -0.05 && stamp.max < 0.1)
        let output = try #require(figures["output"])
        #expect(output.count >= 45 && output.min > -0.01)
        let loop = try #require(figures["loop"])
        #expect(loop.count > 20 && loop.min > input.min && loop.max < 100)
      }
    }

    @Test("reports a latency above its limit")
    func whatIsAboveItsLimitIsSaid() throws {
      let outcome = try ToolRunner.shell("jam-latency --seconds 1 --only output --limit-output 0")
      #expect(outcome.status == 1)
      #expect(outcome.lines.first?.hasPrefix("output: ") == true)
      #expect(outcome.error.hasPrefix("jam-latency: output: 0."), "\(outcome.error)")
      #expect(outcome.error.hasSuffix("above 0 ms\n"), "\(outcome.error)")
    }

    /// A signal ends it at once. It still writes the figures that it has.
    @Test("leaves no process behind when it is stopped")
    func leavesNothingBehind() throws {
      let pipeline = try Pipeline(
        "exec jam-latency --seconds 600 --only output --limit-output 0 > figures")
      LiveMachine.pass(seconds: 3)
      Pipeline.signal("INT", pipeline.pid)
      #expect(pipeline.wait() == 0, "\(pipeline.errors)")
      #expect(try pipeline.text("figures").contains("count"))
      let left = try ToolRunner.shell("pgrep -x 'midi-in|jam-agent|midi-out|jam-guard'")
      #expect(left.text == "")
    }
  }
}
