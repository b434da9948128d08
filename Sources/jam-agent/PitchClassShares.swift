import Chords

/// An amount for each pitch class, such as the probability of its notes.
struct PitchClassShares {
  /// The first twelve lanes are used.
  private var shares = SIMD16<Double>()
  private var total = 0.0

  /// Adds an amount to each pitch class of a set. It counts once towards the total.
  mutating func add(_ share: Double, to classes: PitchClassSet) {
    total += share
    for number in 0..<12 where classes.rawValue & 1 << number != 0 { shares[number] += share }
  }

  /// The amount of the pitch classes of a set, as a share of the total; nil if nothing was added.
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
