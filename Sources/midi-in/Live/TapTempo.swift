import Music
import Records

/// Finds the tempo of what is tapped: the mean of the last few beats.
struct TapTempo: Sendable {
  /// A longer pause begins anew.
  private static let longestBeat = Microseconds(2_000_000)
  private static let shortestBeat = Microseconds(120_000)
  /// A beat that is so much longer or shorter than those before begins anew.
  private static let largestRatio = 1.6

  /// Taps that make a tempo.
  let count: Int
  /// How long a tapped beat is, in quarter notes.
  private let beatLength: Double
  /// The latest last; at most `count`.
  private var times: [Microseconds] = []

  /// As many taps as a bar of the meter has beats, as one would tap them, but at least two.
  init(_ meter: Meter) {
    count = max(2, meter.numerator / meter.notesPerTap)
    beatLength = 4 * Double(meter.notesPerTap) / Double(meter.denominator)
    times.reserveCapacity(count)
  }

  /// The beat of the taps so far, in microseconds, once there are enough.
  var beat: Microseconds? {
    guard times.count == count, let first = times.first, let last = times.last else { return nil }
    return Microseconds((last - first).rawValue / Int64(count - 1))
  }

  /// Quarter notes a minute, once there are enough taps.
  var tempo: Double? {
    beat.map { beat in
      let tempo = 60_000_000 * beatLength / Double(beat.rawValue)
      return ((tempo * 100).rounded() / 100).clamped(to: Limits.tempo)
    }
  }

  mutating func tap(at time: Microseconds) {
    if let last = times.last {
      let passed = time - last
      // A key that bounces is no beat.
      guard passed >= Self.shortestBeat else { return }
      if passed > Self.longestBeat || !isAlike(passed) { times.removeAll(keepingCapacity: true) }
    }
    if times.count == count { times.removeFirst() }
    times.append(time)
  }

  private func isAlike(_ passed: Microseconds) -> Bool {
    guard times.count >= 2, let first = times.first, let last = times.last else { return true }
    let mean = Double((last - first).rawValue) / Double(times.count - 1)
    let ratio = Double(passed.rawValue) / mean
    return ratio < Self.largestRatio && ratio > 1 / Self.largestRatio
  }
}
