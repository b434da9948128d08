import Music

/// How many times lie where: in steps of 1, 2 and 5, so that one that is far off is still to be seen.
struct Histogram: Hashable, Sendable {
  /// Times from one to just before another.
  struct Bin: Hashable, Sendable {
    /// Nil for those before zero.
    var from: Microseconds?
    /// Nil for the last there can be.
    var to: Microseconds?
    var count: Int
  }

  private static let bounds: [Microseconds] =
    [.zero]
    + [10, 100, 1_000, 10_000, 100_000, 1_000_000].flatMap { decade in
      [1, 2, 5].map { Microseconds($0 * decade) }
    }
  private static let barLength = 40

  /// From the first that has any to the last.
  let bins: [Bin]

  init(_ times: [Microseconds]) {
    let bounds = [nil] + Self.bounds.map(Optional.some) + [nil]
    var bins = zip(bounds, bounds.dropFirst()).map { Bin(from: $0, to: $1, count: 0) }
    for time in times {
      bins[Self.bounds.firstIndex { time < $0 } ?? Self.bounds.count].count += 1
    }
    let first = bins.firstIndex { $0.count > 0 } ?? bins.endIndex
    let last = bins.lastIndex { $0.count > 0 } ?? bins.endIndex - 1
    self.bins = first > last ? [] : Array(bins[first...last])
  }

  /// A line for each, with a bar.
  var lines: [String] {
    let most = bins.map(\.count).max() ?? 0
    let width = "\(most)".utf8.count
    return bins.map { bin in
      // Whatever is there is seen.
      let length = bin.count == 0 ? 0 : max(1, bin.count * Self.barLength / most)
      let bar = String(repeating: "#", count: length)
      return [
        Self.text(bin).aligned(.right, 16), "\(bin.count)".aligned(.right, width),
        bar,
      ].joined(separator: "  ").trimmingEnd
    }
  }

  private static func text(_ bin: Bin) -> String {
    switch (bin.from, bin.to) {
    case (let from?, let to?): "\(from.shortMilliseconds) to \(to.shortMilliseconds)"
    case (nil, let to?): "below \(to.shortMilliseconds)"
    case (let from?, nil): "from \(from.shortMilliseconds)"
    case (nil, nil): ""
    }
  }
}
