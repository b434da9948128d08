import Music

/// The whole plan of an agent at one tick: a full snapshot that replaces the plan before it.
///
/// Frames before `commit` are frozen: no later plan changes them, and `commit` never moves back.
public struct Plan: Hashable, Sendable {
  /// The tick it answers.
  public var frame: Frame
  /// Counts the plans of a session from 1.
  public var revision: Int
  /// The first frame that may still change.
  public var commit: Frame
  /// The first frame not planned.
  public var until: Frame
  /// In order, without overlap; together they reach from `frame` or before to `until`. The first may
  /// have begun before `frame`: it is sounding already. Two alike in a row are struck twice.
  public var chords: [PlannedChord]
  /// What the agent expects to be played, in order, without overlap.
  public var melody: [PlannedNote]

  public init(
    frame: Frame, revision: Int, commit: Frame, until: Frame, chords: [PlannedChord],
    melody: [PlannedNote]
  ) {
    self.frame = frame
    self.revision = revision
    self.commit = commit
    self.until = until
    self.chords = chords
    self.melody = melody
  }
}

/// A chord from one frame to just before another.
public struct PlannedChord: Hashable, Sendable {
  public var from: Frame
  public var to: Frame
  /// `Am7`, `Bb/D`; `N` for none.
  public var symbol: String
  /// The bass note's pitch class, 0 (C) to 11; nil for no chord, or where the agent does not say.
  public var bass: UInt8?
  /// How sure the agent is of it, 0 to 1; nil where it does not say.
  public var confidence: Double?

  public init(
    from: Frame, to: Frame, symbol: String, bass: UInt8? = nil, confidence: Double? = nil
  ) {
    self.from = from
    self.to = to
    self.symbol = symbol
    self.bass = bass
    self.confidence = confidence
  }
}

/// A note from one frame to just before another.
public struct PlannedNote: Hashable, Sendable {
  public var from: Frame
  public var to: Frame
  public var pitch: Pitch

  public init(from: Frame, to: Frame, pitch: Pitch) {
    self.from = from
    self.to = to
    self.pitch = pitch
  }
}
