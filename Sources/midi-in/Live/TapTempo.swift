import Music
import Records

/// Finds the tempo that a person taps: the mean of the last few beats.
struct TapTempo: Sendable {
  /// After a longer pause the taps begin anew.
  private static let longestBeat = Microseconds(2_000_000)
  /// A tap that follows sooner is a key that bounces.
  private static let shortestBeat = Microseconds(120_000)
  /// If a beat is longer or shorter than those before by more than this ratio, the taps begin anew.
  private static let largestRatio = 1.6

  /// The number of taps that give a tempo.
  let count: Int
  /// The length of a tapped beat, in quarter notes.
  private let beatLength: Double
  /// The times of the last taps, at most `count`, the latest last.
  private var times: [Microseconds] = []

  /// It takes one tap for each beat of a bar, as one would tap them, but at least two. Where beats
  /// are unequal, as in 7/8, each note of the bar is tapped.
  init(_ meter: Meter) {
    let isUnequal = meter.isAdditive && meter.denominator >= 8
    let beats = isUnequal ? meter.numerator : meter.beatCount
    count = max(2, beats)
    beatLength = meter.beatsPerBar / Double(beats)
    times.reserveCapacity(count)
  }

  /// The length of a beat; nil until there are enough taps.
  var beat: Microseconds? {
    guard times.count == count, let first = times.first, let last = times.last else { return nil }
    return Microseconds((last - first).rawValue / Int64(count - 1))
  }

  /// In quarter notes a minute; nil until there are enough taps.
  var tempo: Double? {
    beat.map { beat in
      let tempo = 60_000_000 * beatLength / Double(beat.rawValue)
      return ((tempo * 100).rounded() / 100).clamped(to: Limits.tempo)
    }
  }

  mutating func tap(at time: Microseconds) {
    if let last = times.last {
      let passed = time - last
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
