import Testing
import Transformer

@Suite struct SamplingTests {
  @Test(
    "temperature and nucleus leave probabilities that sum to 1",
    arguments: [0, 0.5, 1, 2], [0.01, 0.5, 0.9, 1])
  func samplingProbabilities(temperature: Double, topP: Double) {
    var logits: [Float] = [0, 2, -1, 2.5, 1, -30]
    var span = logits.mutableSpan
    Sampling(temperature: temperature, topP: topP).turnIntoProbabilities(&span)
    let shares = logits
    #expect(abs(shares.reduce(0, +) - 1) < 1e-6)
    #expect(shares.max() == shares[3])
    #expect(shares.contains(0) == (temperature == 0 || topP < 1))
  }

  @Test("a temperature close to 0 takes the likeliest choice", arguments: [1e-38, 1e-39, 5e-324])
  func takesLikeliest(temperature: Double) {
    var logits: [Float] = [0, 2, -1, 2.5, 1, -30]
    var span = logits.mutableSpan
    Sampling(temperature: temperature).turnIntoProbabilities(&span)
    let shares = logits
    #expect(shares[3] == 1 && shares.allSatisfy { 0...1 ~= $0 })
    #expect(shares.reduce(0, +) - 1 < 1e-6)
  }
}
