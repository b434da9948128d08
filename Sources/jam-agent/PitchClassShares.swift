import Chords

/// How much of something falls on each pitch class: notes by how long they sound, say.
struct PitchClassShares {
  /// The first twelve are used.
  private var shares = SIMD16<Double>()
  private var total = 0.0

  /// So much falls on each of these.
  mutating func add(_ share: Double, to classes: PitchClassSet) {
    total += share
    for number in 0..<12 where classes.rawValue & 1 << number != 0 { shares[number] += share }
  }

  /// What falls on any of these, of all that there is; nil if there is nothing.
  func share(of classes: PitchClassSet) -> Double? {
    guard total > 0 else { return nil }
    var sum = 0.0
    for number in 0..<12 where classes.rawValue & 1 << number != 0 { sum += shares[number] }
    return sum / total
  }

  static func += (one: inout Self, other: Self) {
    one.shares += other.shares
    one.total += other.total
  }
}
