import AgentSettings

extension Settings {
  /// The default settings, except for those that are given.
  init(
    lookahead: Double = 4, commit: Double = 1, maxCommit: Double = 0, minConfidence: Double = 0.5,
    silence: Double = 8, temperature: Double = 1, topP: Double = 1, seed: Int = 1,
    hypotheses: Int = 16, melodyOnly: Double = 0.8
  ) {
    self.init()
    (self.lookahead, self.commit, self.maxCommit) = (lookahead, commit, maxCommit)
    (self.minConfidence, self.silence, self.temperature) = (minConfidence, silence, temperature)
    (self.topP, self.seed, self.hypotheses) = (topP, seed, hypotheses)
    self.melodyOnly = melodyOnly
  }
}
