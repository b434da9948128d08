import ArgumentParser
import JSONText
import Music
import Records

/// What can be measured: a tool, or all of them.
enum Subject: String, CaseIterable, ExpressibleByArgument {
  case input, output, loop
}

/// The times that were measured between two points.
struct Measurement: Hashable, Sendable {
  /// `input`, `stamp`, `output` or `loop`.
  var name: String
  /// The two points, in words.
  var title: String
  var times: [Microseconds]
  /// How many events did not come.
  var missing: Int

  /// Its text: a line with the title, a line with the figures, and the histogram.
  var lines: [String] {
    guard let statistics = Statistics(times) else { return ["\(name): \(title): nothing came"] }
    let figures = statistics.figures.map { "\($0.name) \($0.value.milliseconds)" }
    return [
      "\(name): \(title), in ms",
      "  " + (["count \(statistics.count)"] + figures).joined(separator: "   ")
        + (missing > 0 ? "   missing \(missing)" : ""),
    ] + Histogram(times).lines.map { "  " + $0 }
  }

  /// Its figures as a JSON object; times are in milliseconds.
  var json: JSON {
    let bins = Histogram(times).bins.map { bin in
      JSON.object([
        ("from", bin.from.map { .digits($0.shortMilliseconds) } ?? .null),
        ("to", bin.to.map { .digits($0.shortMilliseconds) } ?? .null),
        ("count", .integer(bin.count)),
      ])
    }
    let figures = (Statistics(times)?.figures ?? []).map { figure in
      (name: figure.name, value: JSON.digits(figure.value.milliseconds))
    }
    return .object(
      [("count", .integer(times.count)), ("missing", .integer(missing))] + figures
        + [("histogram", .list(bins))])
  }

  /// What is wrong if the longest time has a limit; nil if nothing is.
  func complaint(limit: Microseconds) -> String? {
    guard let statistics = Statistics(times) else { return "\(name): nothing came" }
    if missing > 0 { return "\(name): \(missing) did not come" }
    guard statistics.max > limit else { return nil }
    return "\(name): \(statistics.max.milliseconds) ms, above \(limit.shortMilliseconds) ms"
  }
}

extension Statistics {
  /// The figures that are times, with their names.
  fileprivate var figures: [(name: String, value: Microseconds)] {
    [("min", min), ("mean", mean), ("p99", p99), ("max", max), ("jitter", jitter)]
  }
}
