import Chords
import Transformer

/// The latest frames that are over: what was heard in each, and what each hypothesis had sound there.
///
/// Real-time: once made, it allocates nothing.
struct Past {
  typealias Spelling = ChordVocabulary.Spelling

  /// What a hypothesis plays in a frame.
  struct Harmony: Hashable {
    /// What sounds.
    var chord = Spelling.noChord
    /// Whether it is struck there.
    var isStrike = false
  }

  private struct Moment {
    var melody = MelodyEvent.rest
    /// What sounds of the melody after it.
    var state = MelodyState.silent
    /// Where the frame stands, as the meters were when it came.
    var place = MetricalPlace(place: 0, length: 1, bar: 0, meter: .fourFour)
  }

  /// Frames that are remembered: what another network reads when it takes over. More would hold up
  /// the music.
  static let length = 256

  /// Rings of `length`; one of the harmonies for each hypothesis.
  private var moments = [Moment](repeating: Moment(), count: length)
  private var harmonies: [Harmony]
  /// Frames that are over, forgotten ones too.
  private var end = 0

  init(hypotheses: Int) {
    harmonies = Array(repeating: Harmony(), count: hypotheses * Self.length)
  }

  /// The same past, of these hypotheses.
  init(_ other: Past, hypotheses: [Int]) {
    self = other
    harmonies = hypotheses.flatMap { other.harmonies[Self.ring(of: $0)] }
  }

  /// How many frames are remembered.
  var count: Int { min(end, Self.length) }

  /// A frame is over, in which hypothesis n played the nth harmony.
  mutating func append(
    _ melody: MelodyEvent, _ state: MelodyState, _ place: MetricalPlace, _ played: [Harmony]
  ) {
    moments[end % Self.length] = Moment(melody: melody, state: state, place: place)
    for (row, harmony) in played.enumerated() { harmonies[slot(row, end)] = harmony }
    end += 1
  }

  /// Has a hypothesis play nothing as the latest frame ends.
  mutating func silence(row: Int) { harmonies[slot(row, end - 1)] = Harmony() }

  /// Gives a hypothesis the past of another.
  mutating func copy(row other: Int, to row: Int) {
    for index in 0..<Self.length {
      harmonies[Self.ring(of: row).lowerBound + index] =
        harmonies[Self.ring(of: other).lowerBound + index]
    }
  }

  /// What happened `age` frames before the latest, as a hypothesis knows it.
  func events(row: Int, age: Int = 0) -> FrameInput.Events {
    let (moment, harmony) = (moment(age: age), harmonies[slot(row, end - 1 - age)])
    return FrameInput.Events(
      melody: moment.melody, state: moment.state, isStrike: harmony.isStrike, chord: harmony.chord)
  }

  /// Where the frame stood `age` frames before the latest.
  func place(age: Int) -> MetricalPlace { moment(age: age).place }

  /// What a hypothesis has sound as the latest frame ends.
  func sounding(row: Int) -> Spelling {
    end == 0 ? .noChord : harmonies[slot(row, end - 1)].chord
  }

  /// What sounded of the melody in the last frames, so many at most.
  func heard(frames: Int) -> PitchClassSet {
    var heard: PitchClassSet = []
    for age in 0..<frames {
      if let note = sounding(age: age) { heard.insert(PitchClassSet(note)) }
    }
    return heard
  }

  /// What sounded of the melody `age` frames before the latest; nil where nothing did, or nothing is
  /// remembered.
  func sounding(age: Int) -> PitchClass? {
    age < count ? moment(age: age).state.pitchClass : nil
  }

  private func moment(age: Int) -> Moment {
    assert(0..<count ~= age)
    return moments[(end - 1 - age) % Self.length]
  }

  private func slot(_ row: Int, _ frame: Int) -> Int {
    Self.ring(of: row).lowerBound + frame % Self.length
  }

  private static func ring(of row: Int) -> Range<Int> { row * length..<(row + 1) * length }
}
