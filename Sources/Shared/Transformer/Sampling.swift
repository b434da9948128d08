import CKernels

/// How one of several choices is sampled from its logits.
public struct Sampling: Hashable, Sendable {
  /// 0, or a number so small that its inverse is infinite, takes the likeliest choice; 1 samples
  /// from the network's distribution; more flattens it.
  public var temperature: Double
  /// Samples from the fewest choices that have at least this probability together; 1 samples from
  /// all.
  public var topP: Double

  public init(temperature: Double = 1, topP: Double = 1) {
    self.temperature = temperature
    self.topP = topP
  }

  /// The choice that a uniform random number in [0, 1) selects. Overwrites the logits.
  ///
  /// The choices' probabilities are laid side by side in order (inverse transform sampling), so the
  /// same number selects the same choice while the probabilities hardly change.
  public func choose(_ logits: inout MutableSpan<Float>, at uniform: Double) -> Int {
    turnIntoProbabilities(&logits)
    var total = 0.0
    for index in logits.indices { total += Double(logits[index]) }
    var left = uniform * total
    for index in logits.indices where logits[index] > 0 {
      left -= Double(logits[index])
      if left < 0 { return index }
    }
    return logits.likeliest
  }

  /// Replaces the logits by the probabilities with which each choice is sampled.
  public func turnIntoProbabilities(_ logits: inout MutableSpan<Float>) {
    let scale = Float(1 / temperature)
    guard temperature > 0, scale.isFinite else {
      let likeliest = logits.likeliest
      for index in logits.indices { logits[index] = index == likeliest ? 1 : 0 }
      return
    }
    logits.withUnsafeMutableBufferPointer { kernel_softmax($0.baseAddress!, $0.count, scale) }
    if topP < 1 { keepNucleus(&logits) }
  }

  /// Nucleus sampling (Holtzman et al., arXiv 1904.09751): the unlikely rest gets no probability.
  private func keepNucleus(_ probabilities: inout MutableSpan<Float>) {
    var kept = 0.0
    var threshold = Float.infinity
    // There are few choices, and fewer likely ones: no sorting.
    while kept < topP {
      var next: Float = 0
      for index in probabilities.indices
      where probabilities[index] < threshold && probabilities[index] > next {
        next = probabilities[index]
      }
      guard next > 0 else { return }
      threshold = next
      for index in probabilities.indices where probabilities[index] == next { kept += Double(next) }
    }
    for index in probabilities.indices {
      let probability = probabilities[index]
      probabilities[index] = probability < threshold ? 0 : probability / Float(kept)
    }
  }
}

extension MutableSpan<Float> {
  /// The index of the largest element; of equal ones, the first.
  public var likeliest: Int {
    var best = 0
    for index in indices where self[index] > self[best] { best = index }
    return best
  }
}
