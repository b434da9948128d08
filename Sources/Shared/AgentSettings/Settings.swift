import Records

/// What a person can choose about the agent, before and while it plays.
public struct Settings: Hashable, Sendable {
  /// How far plans reach, in beats.
  public var lookahead = 4.0
  /// How much of a plan is promised, in beats. The frame at hand always is.
  public var commit = 1.0
  /// How much of it may be in all, in beats, as far as the minds are sure enough.
  public var commitUpTo = 0.0
  /// How sure, 0 to 1, a chord must be of which no more has to be promised yet.
  public var sure = 0.5
  /// How long the agent listens, from the first note on, before it plays, in beats.
  public var silence = 8.0
  /// Of the choice of chords and of the melody that is expected.
  public var temperature = 1.0
  /// Choices are drawn from the fewest that share this much of the probability.
  public var topP = 1.0
  public var seed: UInt64 = 1
  /// How many explanations of what is heard are held.
  public var hypotheses = 16
  /// What the ears, which know the melody alone, have of all votes on the chords.
  public var ear = 0.8
  /// A name or a path.
  public var model = "accompanist"

  public static let lookaheadRange = 0.25...8.0
  public static let commitRange = 0.0...8.0
  public static let silenceRange = 0.0...64.0
  public static let temperatureRange = 0.0...3.0
  public static let topPRange = 0.01...1.0
  public static let hypothesesRange = 1.0...64.0
  public static let earRange = 0.0...1.0
  public static let sureRange = 0.0...1.0
  /// What records tell without loss.
  public static let mostSeed: UInt64 = 1 << 53

  /// What the settings that are numbers may be, those first that people change most.
  public static let ranges: KeyValuePairs<String, ClosedRange<Double>> = [
    "temperature": temperatureRange, "commit": commitRange, "lookahead": lookaheadRange,
    "commit_up_to": commitRange, "sure": sureRange, "silence": silenceRange, "top_p": topPRange,
    "hypotheses": hypothesesRange, "ear": earRange,
  ]

  public init(
    lookahead: Double = 4, commit: Double = 1, commitUpTo: Double = 0, sure: Double = 0.5,
    silence: Double = 8, temperature: Double = 1, topP: Double = 1, seed: UInt64 = 1,
    hypotheses: Int = 16, ear: Double = 0.8, model: String = "accompanist"
  ) {
    self.lookahead = lookahead
    self.commit = commit
    self.commitUpTo = commitUpTo
    self.sure = sure
    self.silence = silence
    self.temperature = temperature
    self.topP = topP
    self.seed = seed
    self.hypotheses = hypotheses
    self.ear = ear
    self.model = model
  }

  /// As a `settings` record tells them, those first that people change most.
  public var all: [Setting] {
    [
      ("temperature", .number(temperature)), ("commit", .number(commit)),
      ("lookahead", .number(lookahead)), ("model", .text(model)),
      ("commit_up_to", .number(commitUpTo)), ("sure", .number(sure)),
      ("silence", .number(silence)), ("top_p", .number(topP)),
      ("hypotheses", .number(Double(hypotheses))), ("ear", .number(ear)),
      ("seed", .number(Double(seed))),
    ].map(Setting.init)
  }

  /// Takes up a `set` record. A name that is none of the agent's belongs to somebody else: false.
  /// Throws if the value is none for that name; nothing changes then.
  public mutating func apply(_ name: String, _ value: SettingValue) throws(SettingError) -> Bool {
    func number(_ range: ClosedRange<Double>) throws(SettingError) -> Double {
      guard case .number(let number) = value, range.contains(number) else {
        throw SettingError(
          name: name, expected: "a number \(range.lowerBound) to \(range.upperBound)", value)
      }
      return number
    }
    switch name {
    case "lookahead": lookahead = try number(Self.lookaheadRange)
    case "commit": commit = try number(Self.commitRange)
    case "commit_up_to": commitUpTo = try number(Self.commitRange)
    case "sure": sure = try number(Self.sureRange)
    case "silence": silence = try number(Self.silenceRange)
    case "temperature": temperature = try number(Self.temperatureRange)
    case "top_p": topP = try number(Self.topPRange)
    case "hypotheses": hypotheses = Int(try number(Self.hypothesesRange))
    case "ear": ear = try number(Self.earRange)
    case "seed": seed = UInt64(try number(0...Double(Self.mostSeed)).rounded(.down))
    case "model":
      guard case .text(let text) = value, !text.isEmpty else {
        throw SettingError(name: name, expected: "a model's name or path", value)
      }
      model = text
    default: return false
    }
    return true
  }

  /// Beats as whole frames, at least `least`.
  public static func frames(_ beats: Double, framesPerBeat: Int, least: Int = 0) -> Int {
    max(least, Int((beats * Double(framesPerBeat)).rounded()))
  }
}

/// A value that a setting cannot have.
public struct SettingError: Error, CustomStringConvertible {
  public let description: String

  init(name: String, expected: String, _ value: SettingValue) {
    let found =
      switch value {
      case .number(let number): "\(number)"
      case .text(let text): "\"\(text)\""
      case .flag(let flag): "\(flag)"
      }
    description = "cannot set \(name): expected \(expected), found \(found)"
  }
}
