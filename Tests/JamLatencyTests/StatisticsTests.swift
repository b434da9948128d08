import Music
import Testing

@testable import jam_latency

private func microseconds(_ values: [Int64]) -> [Microseconds] { values.map { Microseconds($0) } }

@Suite struct StatisticsTests {
  struct Case: CustomTestStringConvertible {
    var times: [Int64]
    /// Shortest, mean, 99th percentile, longest, jitter.
    var figures: [Int64]

    var testDescription: String { times.prefix(8).description }
  }

  @Test(
    "gives minimum, mean, 99th percentile, maximum and jitter",
    arguments: [
      Case(times: [7], figures: [7, 7, 7, 7, 0]),
      Case(times: [4, 2], figures: [2, 3, 4, 4, 1]),
      Case(times: [-2, 0, 2], figures: [-2, 0, 2, 2, 2]),
      Case(times: [5, 5, 5, 5], figures: [5, 5, 5, 5, 0]),
      Case(times: Array(1...100), figures: [1, 51, 99, 100, 29]),
      Case(times: Array((1...101).reversed()), figures: [1, 51, 100, 101, 29]),
      Case(times: Array(1...1000), figures: [1, 501, 990, 1000, 289]),
    ])
  func sayHowTimesLie(_ case: Case) throws {
    let statistics = try #require(Statistics(microseconds(`case`.times)))
    #expect(statistics.count == `case`.times.count)
    #expect(
      [
        statistics.min, statistics.mean, statistics.p99, statistics.max, statistics.jitter,
      ].map(\.rawValue) == `case`.figures)
  }

  @Test("has no figures where nothing was measured")
  func nothingHasNoFigures() {
    #expect(Statistics([]) == nil)
  }
}

@Suite struct HistogramTests {
  @Test(
    "draws a bar for each bin of the histogram",
    arguments: [
      ([], []),
      ([0], ["       0 to 0.01  1  ########################################"]),
      (
        [-1, 9, 10],
        [
          "         below 0  1  ########################################",
          "       0 to 0.01  1  ########################################",
          "    0.01 to 0.02  1  ########################################",
        ]
      ),
      (
        [1_999, 2_000, 2_001, 4_999, 20_000],
        [
          "          1 to 2  1  #############",
          "          2 to 5  3  ########################################",
          "         5 to 10  0",
          "        10 to 20  0",
          "        20 to 50  1  #############",
        ]
      ),
      (
        [4_999_999, 5_000_000],
        [
          "    2000 to 5000  1  ########################################",
          "       from 5000  1  ########################################",
        ]
      ),
    ] as [([Int64], [String])])
  func isDrawn(times: [Int64], lines: [String]) {
    #expect(Histogram(microseconds(times)).lines == lines)
  }

  @Test("draws a mark for every bin that is not empty")
  func aFewAreSeenBesideMany() {
    let times = microseconds(Array(repeating: 15, count: 1000) + [30])
    #expect(
      Histogram(times).lines == [
        "    0.01 to 0.02  1000  ########################################",
        "    0.02 to 0.05     1  #",
      ])
  }
}

@Suite struct MeasurementTests {
  private static let measurement = Measurement(
    name: "output", title: "late", times: microseconds([-2, 150, 250]), missing: 0)

  @Test(
    "writes microseconds as milliseconds",
    arguments: [
      (0, "0.000", "0"), (7, "0.007", "0.007"), (1_250, "1.250", "1.25"),
      (-2, "-0.002", "-0.002"), (10_000, "10.000", "10"),
    ])
  func milliseconds(time: Int64, text: String, short: String) {
    #expect(Microseconds(time).milliseconds == text)
    #expect(Microseconds(time).shortMilliseconds == short)
  }

  @Test("writes a measurement as text")
  func isText() {
    #expect(
      Self.measurement.lines.prefix(2) == [
        "output: late, in ms",
        "  count 3   min -0.002   mean 0.133   p99 0.250   max 0.250   jitter 0.104",
      ])
    var measurement = Self.measurement
    measurement.missing = 2
    #expect(measurement.lines[1].hasSuffix("jitter 0.104   missing 2"))
    measurement.times = []
    #expect(measurement.lines == ["output: late: nothing came"])
  }

  @Test("writes a measurement as JSON")
  func isJSON() {
    #expect(
      Self.measurement.json.description
        == #"{"count":3,"missing":0,"min":-0.002,"mean":0.133,"p99":0.250,"max":0.250,"#
        + #""jitter":0.104,"histogram":[{"from":null,"to":0,"count":1},"#
        + #"{"from":0,"to":0.01,"count":0},{"from":0.01,"to":0.02,"count":0},"#
        + #"{"from":0.02,"to":0.05,"count":0},{"from":0.05,"to":0.1,"count":0},"#
        + #"{"from":0.1,"to":0.2,"count":1},{"from":0.2,"to":0.5,"count":1}]}"#)
  }

  @Test(
    "complains where the maximum is above the limit or something is missing",
    arguments: [
      (0.25, 0, nil), (0.249, 0, "output: 0.250 ms, above 0.249 ms"),
      (0, 0, "output: 0.250 ms, above 0 ms"), (1, 3, "output: 3 did not come"),
    ] as [(Double, Int, String?)])
  func hasALimit(limit: Double, missing: Int, complaint: String?) throws {
    var measurement = Self.measurement
    measurement.missing = missing
    let limit = try #require(Microseconds(milliseconds: limit))
    #expect(measurement.complaint(limit: limit) == complaint)
  }

  @Test("accepts no negative or infinite limit", arguments: [-1, .nan, .infinity] as [Double])
  func whatIsNoLimit(milliseconds: Double) {
    #expect(Microseconds(milliseconds: milliseconds) == nil)
  }
}
