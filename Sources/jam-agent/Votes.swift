import Chords
import Transformer

/// Probabilities of chords at a frame, collected from rows of the network.
struct Votes {
  /// In the order in which chords were first named, so that sums over them are the same each time.
  private(set) var shares: [(chord: ChordTokens, share: Double)] = []

  /// No votes, with room for more chords than usually get some.
  init() { shares.reserveCapacity(96) }

  mutating func add(_ share: Double, for chord: ChordTokens) {
    if let index = shares.firstIndex(where: { $0.chord == chord }) {
      shares[index].share += share
    } else {
      shares.append((chord, share))
    }
  }

  mutating func removeAll() { shares.removeAll(keepingCapacity: true) }
}

/// Collects the votes of rows of a network.
///
/// Real-time: allocates only while its buffers grow.
struct Voter {
  /// The probabilities of roots, and of qualities on one of them.
  private var roots: [Float] = []
  private var qualities: [Float] = []

  /// Roots, and qualities on a root, with less probability than this get no vote.
  private static let (leastRoot, leastQuality): (Float, Float) = (0.02, 0.1)

  /// Adds the votes of a row for the likely chords that may begin in the frame it read last, each
  /// by its probability and with its likeliest bass, transposed up by semitones. No row votes for
  /// silence: an accompanist keeps playing.
  mutating func vote(
    _ network: Network, row: Network.Row, share: Double, sampling: Sampling,
    transposedBy semitones: Int = 0, _ votes: inout Votes
  ) {
    network.withRootLogits(row: row) { Self.keep(&$0, sampling, in: &roots) }
    for (root, rootProbability) in roots.enumerated()
    where rootProbability >= Self.leastRoot && root != ChordTokens.noChord.root {
      network.withQualityLogits(row: row, root: root) { Self.keep(&$0, sampling, in: &qualities) }
      for (quality, probability) in qualities.enumerated() where probability >= Self.leastQuality {
        let bass = network.withBassLogits(row: row, root: root, quality: quality) { $0.likeliest }
        let moved = (root + semitones + 12) % 12
        let chord = ChordTokens(root: moved, quality: quality, bass: bass)
        votes.add(share * Double(rootProbability) * Double(probability), for: chord)
      }
    }
  }

  /// Copies the probabilities: the network overwrites its logits when the next head is asked.
  private static func keep(
    _ logits: inout MutableSpan<Float>, _ sampling: Sampling, in buffer: inout [Float]
  ) {
    sampling.turnIntoProbabilities(&logits)
    buffer.removeAll(keepingCapacity: true)
    for index in logits.indices { buffer.append(logits[index]) }
  }
}
