import Music

/// A histogram of times with logarithmic bins, in steps of 1, 2 and 5.
struct Histogram: Hashable, Sendable {
  /// The times from `from` to just before `to`.
  struct Bin: Hashable, Sendable {
    /// Nil for times before zero.
    var from: Microseconds?
    /// Nil for the last bin.
    var to: Microseconds?
    var count: Int
  }

  private static let bounds: [Microseconds] =
    [.zero]
    + [10, 100, 1_000, 10_000, 100_000, 1_000_000].flatMap { decade in
      [1, 2, 5].map { Microseconds($0 * decade) }
    }
  private static let barLength = 40

  /// The bins from the first to the last that is not empty.
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

  /// A line with a bar for each bin.
  var lines: [String] {
    let most = bins.map(\.count).max() ?? 0
    let width = "\(most)".utf8.count
    return bins.map { bin in
      // A bin that is not empty has at least one mark.
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
