import TestSupport
import Testing

@testable import jam_agent

@Suite struct ParticleFilterTests {
  @Test("weights are multiplied by likelihoods and sum to 1")
  func reweights() {
    var filter = ParticleFilter(count: 4)
    filter.reweight { [0.1, 0.2, 0.3, 0.4][$0] }
    filter.reweight { _ in 0.5 }
    #expect(zip(filter.weights, [0.1, 0.2, 0.3, 0.4]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("an impossible observation makes all weights equal")
  func impossibleObservation() {
    var filter = ParticleFilter(count: 4)
    filter.reweight { Double($0) }
    filter.reweight { _ in 0 }
    #expect(filter.weights == [0.25, 0.25, 0.25, 0.25])
  }

  @Test(
    "the effective sample size counts particles of equal weight",
    arguments: [([1, 0, 0, 0], 1), ([1, 1, 0, 0], 2), ([1, 1, 1, 1], 4)] as [([Double], Double)])
  func effectiveSampleSize(likelihoods: [Double], expected: Double) {
    var filter = ParticleFilter(count: 4)
    filter.reweight { likelihoods[$0] }
    #expect(abs(filter.effectiveSampleSize - expected) < 1e-9)
  }

  @Test(
    "resampling waits until the effective sample size is below half",
    arguments: [([1, 1, 0, 0], false), ([1, 0.9, 0, 0], true)] as [([Double], Bool)])
  func resamplesIfNeeded(likelihoods: [Double], isNeeded: Bool) {
    var filter = ParticleFilter(count: 4)
    filter.reweight { likelihoods[$0] }
    var forks = 0
    filter.resampleIfNeeded(at: { 0.5 }, fork: { _, _ in forks += 1 })
    #expect((forks > 0) == isNeeded)
  }

  /// Resamples particles that are named by their places. Returns the particle in each place.
  private func places(_ weights: [Double], to count: Int, at uniform: Double) -> [Int] {
    var filter = ParticleFilter(count: weights.count)
    filter.reweight { weights[$0] }
    var places = Array(0..<max(count, weights.count))
    filter.resample(to: count, at: uniform) { parent, child in places[child] = places[parent] }
    #expect(filter.weights == Array(repeating: 1 / Double(count), count: count))
    return Array(places[..<count])
  }

  @Test("a particle's first child keeps its place, the others take places of childless ones")
  func keepsPlaces() {
    #expect(places([0, 0.5, 0, 0.5], to: 4, at: 0.5) == [3, 1, 1, 3])
    #expect(places([0, 1, 0, 0], to: 4, at: 0.5) == [1, 1, 1, 1])
    #expect(places([0.25, 0.25, 0.25, 0.25], to: 4, at: 0.5) == [0, 1, 2, 3])
    #expect(places([0, 0, 0, 1], to: 2, at: 0.5) == [3, 3])
    #expect(places([1, 0], to: 4, at: 0.5) == [0, 0, 0, 0])
  }

  @Test(
    "each particle has as many children as its weight says, rounded up or down", arguments: 1...20)
  func systematic(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let count = Int.random(in: 1...64, using: &random)
    let newCount = Int.random(in: 1...64, using: &random)
    let raw = (0..<count).map { _ in Double.random(in: 0...1, using: &random) }
    let weights = raw.map { $0 / raw.reduce(0, +) }
    let found = places(weights, to: newCount, at: Double.random(in: 0..<1, using: &random))
    for (particle, weight) in weights.enumerated() {
      let children = Double(found.count { $0 == particle })
      #expect(abs(children - weight * Double(newCount)) < 1 + 1e-9, "seed \(seed)")
    }
  }
}
