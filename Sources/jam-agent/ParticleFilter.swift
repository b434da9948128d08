/// The weights of a particle filter: a bootstrap filter (Gordon, Salmond and Smith 1993) that
/// resamples when the effective sample size falls below half of the particles.
///
/// It knows weights and indices only. Whoever holds the particles, here hypotheses of the harmony,
/// moves them as resampling says.
///
/// Real-time: allocates only while the number of particles grows.
struct ParticleFilter {
  /// One weight for each particle; they sum to 1.
  private(set) var weights: [Double]
  /// The ancestors of the latest resampling, in ascending order.
  private var ancestors: [Int] = []

  /// Particles of equal weight.
  init(count: Int) {
    weights = Array(repeating: 1 / Double(count), count: count)
  }

  var count: Int { weights.count }

  /// How many particles of equal weight would be worth as much: 1 / Σ weight² (Kong, Liu and Wong
  /// 1994).
  var effectiveSampleSize: Double { 1 / weights.reduce(0) { $0 + $1 * $1 } }

  /// Makes all weights equal.
  mutating func reset() {
    for index in weights.indices { weights[index] = 1 / Double(count) }
  }

  /// Multiplies each weight by the likelihood of the observation under its particle. If the
  /// observation was impossible under all of them, all weights become equal.
  mutating func reweight(likelihood: (Int) -> Double) {
    for index in weights.indices { weights[index] *= likelihood(index) }
    let total = weights.reduce(0, +)
    guard total > 0 else { return reset() }
    for index in weights.indices { weights[index] /= total }
  }

  /// Resamples if the effective sample size is below half of the particles. Parameters: see
  /// `resample`.
  mutating func resampleIfNeeded(
    at uniform: () -> Double, fork: (_ parent: Int, _ child: Int) -> Void
  ) {
    guard effectiveSampleSize < Double(count) / 2 else { return }
    resample(to: count, at: uniform(), fork: fork)
  }

  /// Replaces the particles by `newCount` of equal weight, drawn from them by systematic
  /// resampling.
  ///
  /// The first child of a particle stays in its place if that is below `newCount`. The others take
  /// the places of particles without children. Each `fork` copies a particle to a place; no
  /// particle is copied after it was overwritten.
  ///
  /// - Parameters:
  ///   - uniform: a random number in [0, 1).
  ///   - fork: told the place of a particle, and the place that a copy of it takes.
  mutating func resample(
    to newCount: Int, at uniform: Double, fork: (_ parent: Int, _ child: Int) -> Void
  ) {
    systematicResample(newCount, at: uniform)
    var free = newCount
    for (index, parent) in ancestors.enumerated() {
      let isFirstChild = index == 0 || ancestors[index - 1] != parent
      if isFirstChild && parent < newCount { continue }
      repeat { free -= 1 } while ancestors.contains(free)
      fork(parent, free)
    }
    weights.removeAll(keepingCapacity: true)
    for _ in 0..<newCount { weights.append(1 / Double(newCount)) }
  }

  /// Draws the ancestors of `newCount` particles, each about as often as its weight says
  /// (systematic resampling; Carpenter, Clifford and Fearnhead 1999).
  private mutating func systematicResample(_ newCount: Int, at uniform: Double) {
    var (cumulative, index) = (weights[0], 0)
    ancestors.removeAll(keepingCapacity: true)
    for draw in 0..<newCount {
      let target = (Double(draw) + uniform) / Double(newCount)
      while cumulative <= target, index + 1 < count {
        index += 1
        cumulative += weights[index]
      }
      ancestors.append(index)
    }
  }
}
