import Chords
import Transformer

/// What the minds would play.
extension Ensemble {
  /// What the minds make of a frame: chords by the belief in them, which sums to at most 1.
  struct Votes {
    /// In the order in which they were first named: sums over them are the same each time.
    private(set) var shares: [(chord: Spelling, share: Double)] = []
    private var indices: [Spelling: Int] = [:]

    mutating func add(_ share: Double, for chord: Spelling) {
      if let index = indices[chord] {
        shares[index].share += share
      } else {
        indices[chord] = shares.count
        shares.append((chord, share))
      }
    }
  }

  /// A root, and a quality on it, that has less of a hypothesis's probability gets no vote.
  private static let (leastRoot, leastQuality): (Float, Float) = (0.02, 0.1)

  /// What sounds as the decided frame begins.
  func sounding(_ hypothesis: Hypothesis) -> Spelling {
    hypothesis.past.last?.chord ?? .noChord
  }

  /// A hypothesis votes for all chords that it could have chosen, each by its probability, rather
  /// than for the one that it happened to choose: the same in the mean, and far steadier. A single
  /// mind stands by its choice.
  func vote(
    _ row: Int, _ share: Double, _ chosen: Spelling, over sounding: Spelling, _ votes: inout Votes
  ) {
    guard !isSingle else { return votes.add(share, for: chosen) }
    let share = hasEars ? share * (1 - earShare) : share
    guard share > 0 else { return }
    let strike = Double(Sampling().shares(network.strikeLogits(row: row))[1])
    if sounding != .noChord { votes.add(share * (1 - strike), for: sounding) }
    vote(row, share * strike, &votes)
  }

  /// Ears have no chord that could go on: they vote for what may sound.
  func vote(ears rows: [Int], _ votes: inout Votes) {
    for row in rows { vote(row, earShare / Double(rows.count), &votes) }
  }

  /// A row votes for the chords of its frame, as it sees their odds. Nobody votes for silence: whoever
  /// plays wants company.
  func vote(_ row: Int, _ share: Double, _ votes: inout Votes) {
    for (root, ofRoot) in likely(sampling.shares(network.rootLogits(row: row)), Self.leastRoot)
    where root != Spelling.noChord.root {
      let qualities = sampling.shares(network.qualityLogits(row: row, root: root))
      for (quality, ofQuality) in likely(qualities, Self.leastQuality) {
        let basses = network.bassLogits(row: row, root: root, quality: quality)
        let bass = basses.indices.max { basses[$0] < basses[$1] }!
        let chord = Spelling(root: root, quality: quality, bass: bass)
        votes.add(share * ofRoot * ofQuality, for: chord)
      }
    }
  }

  /// The choices that have at least `least` of the probability, each with its share.
  private func likely(
    _ shares: UnsafeMutableBufferPointer<Float>, _ least: Float
  ) -> [(choice: Int, share: Double)] {
    shares.indices.filter { shares[$0] >= least }.map { ($0, Double(shares[$0])) }
  }
}
