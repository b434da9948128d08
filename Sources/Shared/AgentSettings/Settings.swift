import Records

/// What a person can choose about the agent, before and while it plays.
///
/// `Settings.table` describes each setting once; options, records, checks and views derive from it.
/// A beat of a setting is a quarter note, or in 6/8, 9/8 and 12/8 a dotted quarter note.
public struct Settings: Hashable, Sendable {
  /// How far a plan reaches beyond the tick, in beats.
  public var lookahead = 4.0
  /// How much of a plan is committed at least, in beats. The tick's own frame always is.
  public var commit = 1.0
  /// How much of a plan may be committed at most, in beats, where its confidence suffices.
  public var maxCommit = 0.0
  /// The confidence, 0 to 1, that a chord needs to be committed early.
  public var minConfidence = 0.5
  /// How long the agent listens before it plays, in beats from the first note.
  public var silence = 8.0
  /// The temperature of the distributions that chords and the predicted melody are sampled from.
  public var temperature = 1.0
  /// Chords are sampled from the fewest choices with this much probability together.
  public var topP = 1.0
  /// The seed of the random numbers, 0 to 2^53.
  public var seed = 1
  /// How many hypotheses of the harmony are tracked.
  public var hypotheses = 16
  /// The share of the votes, 0 to 1, that the melody-only predictors have.
  public var melodyOnly = 0.8
  /// The model's name or path.
  public var model = "accompanist"

  public init() {}

  /// Every setting, those first that people change most. A new setting is a property and a row
  /// here.
  public static let table = [
    SettingDefinition(
      "temperature", "How bold the choice of chords is.", .number(\.temperature, 0...3)),
    SettingDefinition(
      "commit", "How much of a plan is committed, in beats.", .number(\.commit, 0...8)),
    SettingDefinition(
      "lookahead", "How far a plan reaches, in beats.", .number(\.lookahead, 0.25...8)),
    SettingDefinition("model", "The name or path of the model.", .text(\.model)),
    SettingDefinition(
      "max_commit", "How much may be committed where the agent is confident, in beats.",
      .number(\.maxCommit, 0...8)),
    SettingDefinition(
      "min_confidence", "The confidence that a chord needs to be committed early.",
      .number(\.minConfidence, 0...1)),
    SettingDefinition(
      "silence", "How long to listen before playing, in beats from the first note.",
      .number(\.silence, 0...64)),
    SettingDefinition(
      "top_p", "Choose among the likeliest chords with this much probability together.",
      .number(\.topP, 0.01...1)),
    SettingDefinition(
      "hypotheses", "How many hypotheses of the harmony to track.", .count(\.hypotheses, 1...64)),
    SettingDefinition(
      "melody_only", "The share of the votes that the melody-only predictors have.",
      .number(\.melodyOnly, 0...1)),
    SettingDefinition(
      "seed", "The seed of the random numbers: the same seed gives the same plans.",
      .seed(\.seed, 0...(1 << 53))),
  ]

  /// The values of all settings, in the table's order, as a `settings` record has them.
  public var all: [Setting] {
    Self.table.map { Setting(name: $0.name, value: $0.value(in: self)) }
  }

  /// Changes the setting `name` and returns true, or returns false if the agent has none of that
  /// name: it belongs to another tool. Throws if the setting cannot have the value, and changes
  /// nothing.
  public mutating func apply(_ name: String, _ value: SettingValue) throws(SettingError) -> Bool {
    guard let definition = Self.table.first(where: { $0.name == name }) else { return false }
    var changed = self
    try definition.set(value, in: &changed)
    if let conflict = changed.conflict { throw SettingError(name: name, reason: conflict) }
    self = changed
    return true
  }

  /// Why these values do not go together: only what is planned can be committed. Nil if they do.
  public var conflict: String? {
    for (name, beats) in [("commit", commit), ("max_commit", maxCommit)] where beats > lookahead {
      return "\(name) would be \(beats) beats, which is more than lookahead, \(lookahead) beats"
    }
    return nil
  }

  /// Beats of `beatLength` frames as whole frames.
  public static func frames(_ beats: Double, beatLength: Int) -> Int {
    Int((beats * Double(beatLength)).rounded())
  }
}

/// A value that a setting cannot have.
public struct SettingError: Error, CustomStringConvertible {
  /// The setting's name.
  public let name: String
  /// What it can be, and what was found: `expected a number 0.0 to 3.0, found "high"`.
  public let reason: String

  public var description: String { "cannot set \(name): \(reason)" }

  init(name: String, reason: String) { (self.name, self.reason) = (name, reason) }

  init(_ definition: SettingDefinition, _ value: SettingValue) {
    name = definition.name
    let found =
      switch value {
      case .number(let number): "\(number)"
      case .text(let text): "\"\(text)\""
      case .flag(let flag): "\(flag)"
      }
    reason = "expected \(definition.expectation), found \(found)"
  }
}
