import Music

/// The plan of an agent at one tick: a full snapshot, which replaces the plan before.
///
/// The chords of frames before `commit` are committed: no later plan changes them, and `commit`
/// never moves back.
public struct Plan: Hashable, Sendable {
  /// The frame whose tick the plan answers.
  public var frame: Frame
  /// The number of the plan in its session, from 1.
  public var revision: Int
  /// The first frame that is not committed.
  public var commit: Frame
  /// The horizon: the first frame that is not planned.
  public var until: Frame
  /// In order, without overlap, from `frame` or before to `until`. The first may have begun before
  /// `frame`: then it sounds already. Two equal chords in a row are two onsets.
  public var chords: [PlannedChord]
  /// The notes that the agent expects the person to play, in order, without overlap.
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

/// A chord of a plan, from the frame `from` to just before the frame `to`.
public struct PlannedChord: Hashable, Sendable {
  public var from: Frame
  public var to: Frame
  /// The chord symbol: `Am7`, `Bb/D`; `N` for no chord.
  public var symbol: String
  /// The pitch class of the bass, 0 (C) to 11; nil for no chord, or if the agent gives none.
  public var bass: UInt8?
  /// The share of the votes that agrees with the chord, 0 to 1; nil if the agent gives none.
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

/// An expected note of a plan, from the frame `from` to just before the frame `to`.
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
