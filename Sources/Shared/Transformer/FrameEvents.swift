import Chords
import Music

/// What the melody does in a frame.
public enum MelodyEvent: Hashable, Sendable {
  case rest
  /// The note of the frame before goes on.
  case hold
  case onset(Pitch)
}

/// The melody's note after a frame's event.
public enum MelodyState: Hashable, Sendable {
  case silent
  case sounding(Pitch)

  /// The state after another event; a hold of silence is silence.
  public func after(_ event: MelodyEvent) -> MelodyState {
    switch event {
    case .rest: .silent
    case .hold: self
    case .onset(let pitch): .sounding(pitch)
    }
  }

  /// The pitch class of the note that sounds; nil in silence.
  public var pitchClass: PitchClass? {
    guard case .sounding(let pitch) = self else { return nil }
    return PitchClass(semitonesAboveC: Int(pitch.rawValue))
  }
}

/// Where a frame stands in its bar, and its bar in the phrase.
public struct MetricalPlace: Hashable, Sendable {
  /// Frames since the bar line.
  public var place: Int
  /// Frames to the next bar line, less one.
  public var left: Int
  /// The bar's number; bar 0 begins at frame 0.
  public var bar: Int
  /// Whether the bar counts in dotted quarter notes: `Meter.isCompound`. All the same, one taps 3/8
  /// in eighths: `Meter.beginsBeat(note:)`.
  public var isCompound: Bool
  /// How strong the place is.
  public let weight: Weight
  /// Whether a beat of `beatLength` frames begins here.
  public let isBeat: Bool
  /// The frames of the beat: 6, a dotted quarter note, if the bar is compound; otherwise 4, a
  /// quarter note, or in eighths with groups of unequal length those of the group.
  public let beatLength: Int

  /// The weight of a place in its bar.
  public enum Weight: Sendable {
    /// Chords do not change here.
    case none
    case beat
    /// The middle of the bar, or a bar with groups of unequal length, the beginning of a group.
    case strongBeat
    case barLine
  }

  /// The place `place` of a bar of `length` frames.
  public init(place: Int, length: Int, bar: Int, meter: Meter) {
    self.place = place
    left = length - 1 - place
    self.bar = bar
    isCompound = meter.isCompound
    let isStrong: Bool
    if meter.isAdditive {
      let group = Self.group(at: place, in: meter)
      let isGroupABeat = meter.denominator >= 8
      isStrong = group.lowerBound == place
      isBeat = isGroupABeat ? isStrong : place % 4 == 0
      beatLength = isGroupABeat ? group.count : 4
    } else {
      beatLength = isCompound ? 6 : 4
      isBeat = place % beatLength == 0
      isStrong = place == 0 || isBeat && 2 * place == length
    }
    if isStrong {
      weight = place == 0 ? .barLine : .strongBeat
    } else {
      weight = isBeat && !meter.isAdditive ? .beat : .none
    }
  }

  /// The frames from the bar line of the group that has a place.
  private static func group(at place: Int, in meter: Meter) -> Range<Int> {
    func frame(ofNote note: Int) -> Int { (16 * note + meter.denominator - 1) / meter.denominator }
    var start = 0
    for note in 1..<meter.numerator where meter.beginsGroup(note: note) {
      let next = frame(ofNote: note)
      if next > place { return start..<next }
      start = next
    }
    return start..<max(start + 1, frame(ofNote: meter.numerator))
  }
}

/// What the network reads at a frame: the events of the frame before, and where this one stands.
public struct FrameInput: Hashable, Sendable {
  /// What happened in a frame.
  public struct Events: Hashable, Sendable {
    public var melody: MelodyEvent
    /// The melody's note after the event.
    public var state: MelodyState
    public var chord: ChordEvent
    /// Whether the chord is hidden from the network, which then predicts from the melody alone.
    /// Trained by chord dropout.
    public var isChordMasked = false

    public init(melody: MelodyEvent, state: MelodyState, chord: ChordEvent) {
      self.melody = melody
      self.state = state
      self.chord = chord
    }
  }

  /// Nil at the first frame of a context.
  public var before: Events?
  public var place: MetricalPlace

  public init(before: Events?, place: MetricalPlace) {
    self.before = before
    self.place = place
  }
}

/// How the network numbers melody events: rest, hold, then the onset of each of 128 pitches.
enum MelodyIndex {
  static let rest = 0
  static let hold = 1
  static let firstOnset = 2
  static let count = 130
}

extension MelodyEvent {
  /// The event with an index among the logits of the melody head.
  public init(index: Int) {
    switch index {
    case MelodyIndex.rest: self = .rest
    case MelodyIndex.hold: self = .hold
    default: self = .onset(Pitch(index - MelodyIndex.firstOnset)!)
    }
  }

  /// Its index among the logits of the melody head.
  public var index: Int {
    switch self {
    case .rest: MelodyIndex.rest
    case .hold: MelodyIndex.hold
    case .onset(let pitch): MelodyIndex.firstOnset + Int(pitch.rawValue)
    }
  }
}
