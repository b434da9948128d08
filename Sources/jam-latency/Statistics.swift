import Music

/// The statistics of measured times.
struct Statistics: Hashable, Sendable {
  let count: Int
  let min: Microseconds
  let mean: Microseconds
  /// The 99th percentile.
  let p99: Microseconds
  let max: Microseconds
  /// The standard deviation.
  let jitter: Microseconds

  /// Nil if there are no times.
  init?(_ times: [Microseconds]) {
    let sorted = times.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    count = sorted.count
    min = first
    max = last
    // The nearest rank, from 1.
    p99 = sorted[(99 * count + 99) / 100 - 1]
    let sum = sorted.reduce(0.0) { $0 + Double($1.rawValue) }
    let mean = sum / Double(count)
    let squares = sorted.reduce(0.0) { sum, time in
      let difference = Double(time.rawValue) - mean
      return sum + difference * difference
    }
    self.mean = Microseconds(Int64(mean.rounded()))
    jitter = Microseconds(Int64((squares / Double(count)).squareRoot().rounded()))
  }
}
