import ArgumentParser
import Music

/// What can be measured.
enum Subject: String, CaseIterable, ExpressibleByArgument {
  case input, output, loop
}

/// Times that were measured.
struct Measurement: Hashable, Sendable {
  /// `input`, `stamp`, `output` or `loop`.
  var name: String
  /// From what to what.
  var title: String
  var times: [Microseconds]
  /// What was waited for and did not come.
  var missing: Int

  /// Its text: a line that says what it is, one with the figures, and the histogram.
  var lines: [String] {
    guard let statistics = Statistics(times) else { return ["\(name): \(title): nothing came"] }
    let figures = statistics.figures.map { "\($0.name) \($0.value.milliseconds)" }
    return [
      "\(name): \(title), in ms",
      "  " + (["count \(statistics.count)"] + figures).joined(separator: "   ")
        + (missing > 0 ? "   missing \(missing)" : ""),
    ] + Histogram(times).lines.map { "  " + $0 }
  }

  /// Its figures as a JSON object.
  var json: String {
    let bins = Histogram(times).bins.map { bin in
      #"{"from":\#(bin.from?.shortMilliseconds ?? "null"),"#
        + #""to":\#(bin.to?.shortMilliseconds ?? "null"),"count":\#(bin.count)}"#
    }
    let figures = (Statistics(times)?.figures ?? []).map { figure in
      #""\#(figure.name)":\#(figure.value.milliseconds),"#
    }
    return #"{"count":\#(times.count),"missing":\#(missing),\#(figures.joined())"#
      + #""histogram":[\#(bins.joined(separator: ","))]}"#
  }

  /// What is wrong with it where the longest time has a limit; nil if nothing is.
  func complaint(limit: Microseconds) -> String? {
    guard let statistics = Statistics(times) else { return "\(name): nothing came" }
    if missing > 0 { return "\(name): \(missing) did not come" }
    guard statistics.max > limit else { return nil }
    return "\(name): \(statistics.max.milliseconds) ms, above \(limit.shortMilliseconds) ms"
  }
}

extension Statistics {
  /// All that are times, by name.
  fileprivate var figures: [(name: String, value: Microseconds)] {
    [("min", min), ("mean", mean), ("p99", p99), ("max", max), ("jitter", jitter)]
  }
}
