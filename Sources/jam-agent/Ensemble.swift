import Chords
import Records
import Transformer

/// Several minds that hear one melody: hypotheses of the harmony under it.
///
/// Each is a whole context of the network, with chords of its own. For every frame that is over, each
/// is weighted by the probability that it had given to what was really played, and they are drawn
/// anew when few of them carry most of the weight: sequential Monte Carlo, a bootstrap particle filter
/// (Gordon, Salmond and Smith 1993). So a wrong first guess is forgotten within bars.
///
/// Beside them *ears* hear the melody without any chords of their own: what they take to sound is
/// what all pasts together make likely, where the hypotheses are a few of these, lived through. One
/// remembers everything; one knows no more than this beat and the last, so that a melody that leaves
/// its key is followed at once. (Two take turns at that, each beginning anew every other beat.)
///
/// A frame is first *decided*: each hypothesis chooses its chord, given all frames before it. When it
/// is over it is *finished* with what the melody did, and the next one is decided.
final class Ensemble {
  typealias Spelling = ChordVocabulary.Spelling
  /// Where a frame stands in the music.
  typealias Places = (Frame) -> MetricalPlace

  struct Hypothesis {
    /// The chord of the decided frame, and whether it is struck there.
    var chord = Spelling.noChord
    var isStrike = false
    /// The latest frames: what was heard, and what another network is told when it takes over.
    var past: [FrameInput.Events] = []
  }

  var sampling = Sampling()
  var chance: Chance
  let network: Network
  /// Whether `earRows` rows of the network, those after the hypotheses', are told of no chords.
  let hasEars: Bool
  /// What the ears have of all votes, in equal parts.
  var earShare: Double
  private(set) var hypotheses: [Hypothesis]
  /// The belief in each hypothesis; they sum to 1.
  private(set) var weights: [Double]
  /// The frame that every `past` begins with.
  private var pastOrigin: Frame
  /// Where the frames from there up to the decided one stand, as the meters were when they came.
  private var pastPlaces: [MetricalPlace]
  /// How many beats have begun; which ears are which depends on it.
  private var beats = 0
  /// The frame that is decided but not finished.
  private(set) var frame: Frame
  /// What sounds of the melody as it begins.
  private(set) var state = MelodyState.silent

  /// Frames that the network can look back on.
  static let window = 512
  /// The most frames of a plan.
  static let mostImagined = 64
  /// The most frames that another network reads when it takes over: more would hold up the music.
  static let longestRereading = 256
  /// One that remembers all that the network looks back on, and two that begin anew in turn.
  private static let earRows = 3
  /// Hypotheses that imagine what is to come: the likeliest.
  static let dreamers = 4

  var count: Int { hypotheses.count }
  /// Whether there is one hypothesis and no ear: nobody to outvote it.
  var isSingle: Bool { count == 1 && !hasEars }
  /// The rows of the ears that vote: the one that remembers everything, and of those that begin anew
  /// the one that has heard the last beat.
  var ears: [Int] { hasEars ? [count, count + 1 + (beats + 1) & 1] : [] }

  /// A piece that begins at `origin`, a bar line, where a frame is decided at once.
  init(
    _ model: Model, count: Int, earShare: Double, origin: Frame, chance: Chance,
    sampling: Sampling, places: Places
  ) {
    (network, hasEars) = Self.network(model, count: count, isWithEars: earShare > 0)
    self.earShare = earShare
    hypotheses = Array(repeating: Hypothesis(), count: count)
    weights = Array(repeating: 1 / Double(count), count: count)
    (pastOrigin, frame) = (origin, origin)
    (self.chance, self.sampling) = (chance, sampling)
    pastPlaces = [places(origin)]
    read(before: { _ in nil }, pastPlaces[0])
    decide()
  }

  /// The same piece in other minds: those of another network, or more, or fewer.
  init(_ model: Model, count: Int, earShare: Double, goingOnFrom other: Ensemble) {
    (network, hasEars) = Self.network(model, count: count, isWithEars: earShare > 0)
    self.earShare = earShare
    let forgotten = max(0, other.pastOrigin.distance(to: other.frame) - Self.longestRereading)
    hypotheses = other.ancestors(of: count).map { row in
      var hypothesis = other.hypotheses[row]
      hypothesis.past.removeFirst(forgotten)
      return hypothesis
    }
    weights = Array(repeating: 1 / Double(count), count: count)
    (pastOrigin, frame, state) = (other.pastOrigin + forgotten, other.frame, other.state)
    (chance, sampling) = (other.chance, other.sampling)
    pastPlaces = Array(other.pastPlaces.dropFirst(forgotten))
    for (offset, place) in pastPlaces.enumerated() {
      read(before: { offset == 0 ? nil : $0.past[offset - 1] }, place)
    }
  }

  /// Not every model has learned to be an ear.
  private static func network(
    _ model: Model, count: Int, isWithEars: Bool
  ) -> (Network, hasEars: Bool) {
    let hasEars = isWithEars && model.hearsUntold
    let network = Network(
      model, batch: count + (hasEars ? earRows : 0), window: window, imagined: mostImagined)
    return (network, hasEars)
  }

  // MARK: Hearing

  /// The frame is over: takes up what the melody did in it, and decides the next one.
  func finish(_ melody: MelodyEvent, places: Places) {
    weigh(melody)
    drawAnewIfNeeded()
    state = state.after(melody)
    remember(melody)
    frame = frame + 1
    let place = places(frame)
    pastPlaces.append(place)
    read(before: { $0.past.last }, place)
    decide()
  }

  /// Belief goes to those who expected what was played.
  private func weigh(_ melody: MelodyEvent) {
    for (row, hypothesis) in hypotheses.enumerated() {
      weights[row] *= melodyShares(row, hypothesis.isStrike, hypothesis.chord, state)[melody.index]
    }
    let total = weights.reduce(0, +)
    // What nobody expected at all tells nothing about any of them.
    weights =
      total > 0
      ? weights.map { $0 / total }
      : Array(repeating: 1 / Double(count), count: count)
  }

  /// Where the effective sample size falls below half of the hypotheses, those that explain little
  /// give way to copies of those that explain much.
  private func drawAnewIfNeeded() {
    let effective = 1 / weights.reduce(0) { $0 + $1 * $1 }
    guard effective < Double(count) / 2 else { return }
    let ancestors = ancestors(of: count)
    var free = hypotheses.indices.filter { !ancestors.contains($0) }
    // The first child of an ancestor stays in its place.
    for (ancestor, sister) in zip(ancestors, ancestors.dropFirst()) where ancestor == sister {
      let row = free.removeLast()
      network.copy(row: ancestor, to: row)
      hypotheses[row] = hypotheses[ancestor]
    }
    weights = Array(repeating: 1 / Double(count), count: count)
  }

  /// The hypotheses that so many new ones come from, in order, each as often as its weight has it:
  /// systematic resampling (Carpenter, Clifford and Fearnhead 1999).
  private func ancestors(of number: Int) -> [Int] {
    let offset = chance.fraction(frame: frame.rawValue, row: 0, decision: .ancestor)
    var (passed, row) = (weights[0], 0)
    return (0..<number).map { draw in
      let target = (Double(draw) + offset) / Double(number)
      while passed <= target, row + 1 < count {
        row += 1
        passed += weights[row]
      }
      return row
    }
  }

  /// What sounded of the melody in the last finished frames, so many at most.
  func heard(frames: Int) -> PitchClassSet {
    PitchClassSet(
      hypotheses[0].past.suffix(frames).compactMap { events in
        guard case .sounding(let pitch) = events.state else { return nil }
        return PitchClass(semitonesAboveC: Int(pitch.rawValue))
      })
  }

  private func remember(_ melody: MelodyEvent) {
    let isFull = hypotheses[0].past.count >= 2 * Self.window
    for row in hypotheses.indices {
      // Now and then at once, so that this costs next to nothing a frame.
      if isFull { hypotheses[row].past.removeFirst(Self.window) }
      hypotheses[row].past.append(
        FrameInput.Events(
          melody: melody, state: state, isStrike: hypotheses[row].isStrike,
          chord: hypotheses[row].chord))
    }
    guard isFull else { return }
    pastPlaces.removeFirst(Self.window)
    pastOrigin = pastOrigin + Self.window
  }

  private func read(before: (Hypothesis) -> FrameInput.Events?, _ place: MetricalPlace) {
    var inputs = hypotheses.map { FrameInput(before: before($0), place: place) }
    if hasEars {
      inputs += Array(repeating: inputs[0].untold, count: Self.earRows)
      if place.isBeat {
        beats += 1
        let row = count + 1 + beats & 1
        network.begin(row: row)
        inputs[row].before = nil
      }
    }
    network.read(inputs)
  }

  private func decide() {
    for row in hypotheses.indices {
      let sounding = hypotheses[row].chord
      (hypotheses[row].isStrike, hypotheses[row].chord) =
        choose(row, as: row, at: frame, over: sounding)
    }
  }

  // MARK: Choosing

  /// The chord of a frame that a row of the network has read, as hypothesis `number` would have it.
  func choose(
    _ row: Int, as number: Int, at frame: Frame, over sounding: Spelling
  ) -> (isStrike: Bool, chord: Spelling) {
    func fraction(_ decision: Chance.Decision) -> Double {
      chance.fraction(frame: frame.rawValue, row: number, decision: decision)
    }
    // When to change is no matter of boldness: chords come as often as the network has learned.
    let when = Sampling(temperature: 1)
    guard when.choose(network.strikeLogits(row: row), at: fraction(.strike)) == 1 else {
      return (false, sounding)
    }
    let root = sampling.choose(network.rootLogits(row: row), at: fraction(.root))
    guard root != Spelling.noChord.root else { return (sounding != .noChord, .noChord) }
    let quality = sampling.choose(
      network.qualityLogits(row: row, root: root), at: fraction(.quality))
    let bass = sampling.choose(
      network.bassLogits(row: row, root: root, quality: quality), at: fraction(.bass))
    let chord = Spelling(root: root, quality: quality, bass: bass)
    // To strike what sounds already is to hold it.
    return (chord != sounding, chord)
  }

  func melodyLogits(
    _ row: Int, _ isStrike: Bool, _ chord: Spelling, _ state: MelodyState
  ) -> UnsafeMutableBufferPointer<Float> {
    let logits = network.melodyLogits(row: row, isStrike: isStrike, chord: chord)
    // Nothing sounds: nothing can be held.
    if state == .silent { logits[MelodyEvent.hold.index] = -.infinity }
    return logits
  }

  /// The probability of each melody event, as the row's hypothesis sees it.
  private func melodyShares(
    _ row: Int, _ isStrike: Bool, _ chord: Spelling, _ state: MelodyState
  ) -> [Double] {
    let logits = melodyLogits(row, isStrike, chord, state)
    return Sampling().shares(logits).map(Double.init)
  }
}

extension FrameInput {
  /// The same without a word of the chords.
  var untold: FrameInput {
    var input = self
    input.before?.isChordTold = false
    return input
  }
}
