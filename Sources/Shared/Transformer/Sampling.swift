import CKernels

/// How one of several choices is drawn from its logits.
public struct Sampling: Hashable, Sendable {
  /// 0 takes the likeliest; 1 draws as the network says; above 1 is bolder.
  public var temperature: Double
  /// Draws from the fewest choices that share at least this much of the probability; 1: from all.
  public var topP: Double

  public init(temperature: Double = 1, topP: Double = 1) {
    self.temperature = temperature
    self.topP = topP
  }

  /// The choice whose share of [0, 1) `fraction` falls into. Overwrites the logits.
  ///
  /// The shares lie side by side in the order of the choices, so that one fraction gives one choice as
  /// long as the shares hardly change.
  public func choose(
    _ logits: UnsafeMutableBufferPointer<Float>, at fraction: Double
  ) -> Int {
    let shares = shares(logits)
    var left = fraction * shares.reduce(0.0) { $0 + Double($1) }
    for index in shares.indices where shares[index] > 0 {
      left -= Double(shares[index])
      if left < 0 { return index }
    }
    return shares.indices.max { shares[$0] < shares[$1] }!
  }

  /// How often each choice is drawn. Overwrites the logits.
  public func shares(
    _ logits: UnsafeMutableBufferPointer<Float>
  ) -> UnsafeMutableBufferPointer<Float> {
    guard temperature > 0 else {
      let likeliest = logits.indices.max { logits[$0] < logits[$1] }!
      for index in logits.indices { logits[index] = index == likeliest ? 1 : 0 }
      return logits
    }
    kernel_softmax(logits.baseAddress!, logits.count, Float(1 / temperature))
    if topP < 1 { keepLikeliest(logits) }
    return logits
  }

  /// Nucleus sampling (arXiv 1904.09751): the unlikely rest gets no share.
  private func keepLikeliest(_ shares: UnsafeMutableBufferPointer<Float>) {
    var kept = 0.0
    var threshold = Float.infinity
    // Choices are few and the likely ones fewer: no sorting.
    while kept < topP {
      var next: Float = 0
      for share in shares where share < threshold && share > next { next = share }
      guard next > 0 else { return }
      threshold = next
      for share in shares where share == next { kept += Double(share) }
    }
    for index in shares.indices {
      shares[index] = shares[index] < threshold ? 0 : shares[index] / Float(kept)
    }
  }
}

/// Random numbers that are looked up, not drawn in turn: each is a function of a seed and of what it
/// decides. A plan made anew for the same frame meets the same chance, so it changes only where what
/// was heard makes it.
public struct Chance: Hashable, Sendable {
  public var seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  /// A number in [0, 1), evenly spread over `frame`, `row` and `decision`.
  public func fraction(frame: Int, row: Int, decision: Decision) -> Double {
    var mixed = Self.mix(seed)
    mixed = Self.mix(mixed ^ UInt64(bitPattern: Int64(frame)))
    mixed = Self.mix(mixed ^ UInt64(row) << 8 ^ UInt64(decision.rawValue))
    return Double(mixed >> 11) * 0x1p-53
  }

  /// What is decided in a frame.
  public enum Decision: UInt8, Sendable {
    case strike, root, quality, bass, melody, ancestor
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
