import Chords
import Records
import Transformer

/// The network with the piece so far in mind: what was heard, and the chords it thought of to it.
///
/// A frame is first *decided*: its chord is chosen given all frames before it. When it is over, it
/// is *finished* with what the melody really did, and the next frame is decided.
final class Improviser {
  typealias Spelling = ChordVocabulary.Spelling

  /// A frame as it was imagined.
  struct ImaginedFrame {
    var chord: Spelling
    var melody: MelodyEvent
    var state: MelodyState
  }

  /// Where a frame stands in the music.
  typealias Places = (Frame) -> MetricalPlace
  /// The chord that was promised for a frame; nil where the agent is free.
  typealias Promises = (Frame) -> Spelling?

  var sampling = Sampling()
  var chance: Chance
  private let network: Network
  /// The latest frames, as many as the network can look back on: what another network is told when
  /// it takes over.
  private var past: [FrameInput.Events] = []
  /// The frame that `past` begins with.
  private var pastOrigin: Frame
  private let origin: Frame
  /// The frame that is decided but not finished.
  private(set) var frame: Frame
  /// Its chord.
  private(set) var chord = Spelling.noChord
  private var isStrike = false
  /// What sounds of the melody as it begins.
  private var state = MelodyState.silent

  /// Frames that the network can look back on.
  static let window = 512
  /// The most frames of a plan.
  static let mostImagined = 64

  /// A piece that begins at `origin`, a bar line, where a frame is decided at once.
  init(
    _ model: Model, origin: Frame, chance: Chance, sampling: Sampling, places: Places,
    promises: Promises
  ) {
    network = Network(model, window: Self.window, imagined: Self.mostImagined)
    (self.origin, pastOrigin, frame) = (origin, origin, origin)
    (self.chance, self.sampling) = (chance, sampling)
    network.read([FrameInput(before: nil, place: places(origin))])
    (isStrike, chord) = choose(at: origin, over: .noChord, promises)
  }

  /// The same piece, in another network's mind.
  init(_ model: Model, goingOnFrom other: Improviser, places: Places) {
    network = Network(model, window: Self.window, imagined: Self.mostImagined)
    (past, pastOrigin, frame) = (other.past, other.pastOrigin, other.frame)
    (origin, chance, sampling) = (other.pastOrigin, other.chance, other.sampling)
    (chord, isStrike, state) = (other.chord, other.isStrike, other.state)
    var before: FrameInput.Events?
    for (offset, events) in (past + [nil]).enumerated() {
      network.read([FrameInput(before: before, place: places(pastOrigin + offset))])
      before = events
    }
  }

  /// The frame is over: takes up what the melody did in it, and decides the next one.
  func finish(_ melody: MelodyEvent, places: Places, promises: Promises) {
    state = state.after(melody)
    let events = FrameInput.Events(melody: melody, state: state, isStrike: isStrike, chord: chord)
    remember(events)
    frame = frame + 1
    network.read([FrameInput(before: events, place: places(frame))])
    (isStrike, chord) = choose(at: frame, over: chord, promises)
  }

  /// Imagines the frames from the decided one up to `until`, and forgets the dream.
  ///
  /// - Parameter early: a note already begun that belongs to the decided frame.
  func imagine(
    until: Frame, early: Pitch?, places: Places, promises: Promises
  ) -> [ImaginedFrame] {
    let here = network.position
    defer { network.rollBack(to: here) }
    var imagined: [ImaginedFrame] = []
    var (isStrike, chord, state) = (isStrike, chord, state)
    for frame in frame..<until {
      let melody =
        early.flatMap { frame == self.frame ? .onset($0) : nil }
        ?? chooseMelody(at: frame, isStrike: isStrike, chord: chord, state: state)
      state = state.after(melody)
      imagined.append(ImaginedFrame(chord: chord, melody: melody, state: state))
      guard frame + 1 < until else { break }
      let events = FrameInput.Events(melody: melody, state: state, isStrike: isStrike, chord: chord)
      network.read([FrameInput(before: events, place: places(frame + 1))])
      (isStrike, chord) = choose(at: frame + 1, over: chord, promises)
    }
    return imagined
  }

  private func remember(_ events: FrameInput.Events) {
    past.append(events)
    // Now and then at once, so that this costs next to nothing a frame.
    guard past.count == 2 * Self.window else { return }
    past.removeFirst(Self.window)
    pastOrigin = pastOrigin + Self.window
  }

  /// The chord of a frame that the network has read: as promised, or as it would have it.
  private func choose(
    at frame: Frame, over sounding: Spelling, _ promises: Promises
  ) -> (isStrike: Bool, chord: Spelling) {
    if let promised = promises(frame) { return (promised != sounding, promised) }
    // When to change is no matter of boldness: chords come as often as the network has learned.
    let when = Sampling(temperature: 1, topP: sampling.topP)
    guard when.choose(network.strikeLogits(row: 0), at: fraction(frame, .strike)) == 1 else {
      return (false, sounding)
    }
    let root = sampling.choose(network.rootLogits(row: 0), at: fraction(frame, .root))
    guard root != Spelling.noChord.root else { return (sounding != .noChord, .noChord) }
    let quality = sampling.choose(
      network.qualityLogits(row: 0, root: root), at: fraction(frame, .quality))
    let bass = sampling.choose(
      network.bassLogits(row: 0, root: root, quality: quality), at: fraction(frame, .bass))
    let chord = Spelling(root: root, quality: quality, bass: bass)
    // To strike what sounds already is to hold it.
    return (chord != sounding, chord)
  }

  private func chooseMelody(
    at frame: Frame, isStrike: Bool, chord: Spelling, state: MelodyState
  ) -> MelodyEvent {
    let logits = network.melodyLogits(row: 0, isStrike: isStrike, chord: chord)
    // Nothing sounds: nothing can be held.
    if state == .silent { logits[MelodyEvent.hold.index] = -.infinity }
    return MelodyEvent(index: sampling.choose(logits, at: fraction(frame, .melody)))
  }

  private func fraction(_ frame: Frame, _ decision: Chance.Decision) -> Double {
    chance.fraction(frame: frame.rawValue, row: 0, decision: decision)
  }
}
