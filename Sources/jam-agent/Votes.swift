import Chords
import Transformer

/// What the minds would play.
extension Ensemble {
  /// What the minds make of a frame: chords by the belief in them, which sums to at most 1.
  struct Votes {
    /// In the order in which they were first named: sums over them are the same each time.
    private(set) var shares: [(chord: Spelling, share: Double)] = []

    /// With room for more chords than are named as a rule.
    init() { shares.reserveCapacity(96) }

    mutating func add(_ share: Double, for chord: Spelling) {
      if let index = shares.firstIndex(where: { $0.chord == chord }) {
        shares[index].share += share
      } else {
        shares.append((chord, share))
      }
    }

    mutating func removeAll() { shares.removeAll(keepingCapacity: true) }
  }

  /// A root, and a quality on it, that has less of a hypothesis's probability gets no vote.
  private static let (leastRoot, leastQuality): (Float, Float) = (0.02, 0.1)

  /// A hypothesis votes for all chords that it could have chosen, each by its probability, rather
  /// than for the one that it happened to choose: the same in the mean, and far steadier. A single
  /// mind stands by its choice.
  func vote(
    _ row: Int, _ share: Double, _ chosen: Spelling, over sounding: Spelling, _ votes: inout Votes
  ) {
    guard !isSingle else { return votes.add(share, for: chosen) }
    let share = ears == nil ? share : share * (1 - earShare)
    guard share > 0 else { return }
    let strike = Double(Sampling().shares(network.strikeLogits(row: row))[1])
    if sounding != .noChord { votes.add(share * (1 - strike), for: sounding) }
    vote(row: row, share: share * strike, &votes)
  }

  /// Ears have no chord that could go on: they vote for what may sound.
  ///
  /// - Parameter row: the network's active one, which while it imagines is not the ear's own.
  func vote(_ ear: Ears.Ear, among voting: [Ears.Ear], row: Int, _ votes: inout Votes) {
    let share = earShare * (ears?.share(of: ear, among: voting) ?? 0)
    vote(row: row, share: share, transposedBy: -ear.transposition, &votes)
  }

  /// A row votes for the chords of its frame, as it sees their odds, moved by semitones. Nobody votes
  /// for silence: whoever plays wants company.
  func vote(
    row: Int, share: Double, transposedBy semitones: Int = 0, _ votes: inout Votes
  ) {
    keep(sampling.shares(network.rootLogits(row: row)), in: &room.roots)
    for (root, ofRoot) in room.roots.enumerated()
    where ofRoot >= Self.leastRoot && root != Spelling.noChord.root {
      keep(sampling.shares(network.qualityLogits(row: row, root: root)), in: &room.qualities)
      for (quality, ofQuality) in room.qualities.enumerated() where ofQuality >= Self.leastQuality {
        let basses = network.bassLogits(row: row, root: root, quality: quality)
        let bass = basses.indices.max { basses[$0] < basses[$1] }!
        let moved = (root + semitones + 12) % 12
        let chord = Spelling(root: moved, quality: quality, bass: bass)
        votes.add(share * Double(ofRoot) * Double(ofQuality), for: chord)
      }
    }
  }

  /// The network's room for shares is used again by whatever it is asked next.
  private func keep(_ shares: UnsafeMutableBufferPointer<Float>, in room: inout [Float]) {
    room.removeAll(keepingCapacity: true)
    room.append(contentsOf: shares)
  }
}
