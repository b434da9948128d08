/// Counter-based random numbers (Salmon et al. 2011): each number is a function of a seed and of
/// the decision that it is for, not the next one of a sequence.
///
/// A plan that is made again for the same frame gets the same random numbers. So it changes only
/// where the probabilities change, ticks that are skipped shift nothing, and one frame can be
/// recomputed alone.
public struct CounterRNG: Hashable, Sendable {
  public var seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  /// What a random number decides in a frame.
  public enum Decision: UInt8, Sendable {
    case chordOnset, root, quality, bass, melody, ancestor
  }

  /// A number in [0, 1), uniform over frames, hypotheses and decisions.
  public func uniform(frame: Int, hypothesis: Int, decision: Decision) -> Double {
    var mixed = Self.mix(seed)
    mixed = Self.mix(mixed ^ UInt64(bitPattern: Int64(frame)))
    mixed = Self.mix(mixed ^ UInt64(hypothesis) << 8 ^ UInt64(decision.rawValue))
    return Double(mixed >> 11) * 0x1p-53
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
