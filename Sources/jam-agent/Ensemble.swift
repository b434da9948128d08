import Chords
import Music
import Transformer

/// Several minds that hear one melody: hypotheses of the harmony under it.
///
/// Each is a whole context of the network, with chords of its own. For every frame that is over, each
/// is weighted by the probability that it had given to what was really played, and they are drawn
/// anew when few of them carry most of the weight: sequential Monte Carlo, a bootstrap particle filter
/// (Gordon, Salmond and Smith 1993). So a wrong first guess is forgotten within bars.
///
/// Beside them `Ears` hear the melody without any chords of their own. When what they remember tells
/// nothing of what is played now, all begin again: it would take a hypothesis bars to forget it.
///
/// A frame is first *decided*: each hypothesis chooses its chord, given all frames before it. When it
/// is over it is *finished* with what the melody did, and the next one is decided.
///
/// Real-time: once it has played for a while, it allocates nothing: what it needs room for it keeps.
final class Ensemble {
  typealias Spelling = ChordVocabulary.Spelling
  /// Where a frame stands in the music.
  typealias Places = (Frame) -> MetricalPlace

  var sampling = Sampling()
  var chance: Chance
  let network: Network
  private let vocabulary: ChordVocabulary
  /// Rows of the network after the hypotheses'. Nil if there are none, or if the model has not learned
  /// to be one.
  private(set) var ears: Ears?
  /// What the ears have of all votes.
  var earShare: Double
  /// What each hypothesis plays in the decided frame.
  private(set) var hypotheses: [Past.Harmony]
  /// The belief in each hypothesis; they sum to 1.
  private(set) var weights: [Double]
  private(set) var past: Past
  /// What was imagined last.
  var dream = Dream()
  /// The frame that is decided but not finished, and where it stands.
  private(set) var frame: Frame
  private var place: MetricalPlace
  /// What sounds of the melody as it begins.
  private(set) var state = MelodyState.silent

  /// Frames that the network can look back on.
  static let window = 512
  /// The most frames of a plan.
  static let mostImagined = 64
  /// Hypotheses that imagine what is to come: the likeliest.
  static let dreamers = 4

  // Room that is used again and again.
  private var inputs: [FrameInput] = []
  private var parents: [Int] = []
  private var foreseen = Votes()
  var room = Room()

  var count: Int { hypotheses.count }
  /// Whether there is one hypothesis and no ear: nobody to outvote it.
  var isSingle: Bool { count == 1 && ears == nil }

  /// A piece that begins at `origin`, a bar line, where a frame is decided at once.
  init(
    _ model: Model, count: Int, earShare: Double, origin: Frame, chance: Chance,
    sampling: Sampling, places: Places
  ) {
    (network, ears) = Self.minds(model, count: count, isWithEars: earShare > 0)
    vocabulary = model.vocabulary
    self.earShare = earShare
    hypotheses = Array(repeating: Past.Harmony(), count: count)
    weights = Array(repeating: 1 / Double(count), count: count)
    past = Past(hypotheses: count)
    (frame, place) = (origin, places(origin))
    (self.chance, self.sampling) = (chance, sampling)
    read()
    decide()
  }

  /// The same piece in other minds: those of another network, or more, or fewer.
  init(_ model: Model, count: Int, earShare: Double, goingOnFrom other: Ensemble) {
    (network, ears) = Self.minds(model, count: count, isWithEars: earShare > 0)
    vocabulary = model.vocabulary
    self.earShare = earShare
    other.drawParents(of: count)
    hypotheses = other.parents.map { other.hypotheses[$0] }
    weights = Array(repeating: 1 / Double(count), count: count)
    past = Past(other.past, hypotheses: other.parents)
    (frame, place, state) = (other.frame, other.place, other.state)
    (chance, sampling) = (other.chance, other.sampling)
    for age in (0..<past.count).reversed() {
      place = past.place(age: age)
      read(after: age + 1, isRemembering: true)
    }
    place = other.place
    read(isRemembering: true)
  }

  /// The network in which so many hypotheses, and ears, are rows.
  private static func minds(
    _ model: Model, count: Int, isWithEars: Bool
  ) -> (Network, Ears?) {
    let hasEars = isWithEars && model.hearsUntold
    let network = Network(
      model, batch: count + (hasEars ? Ears.rows : 0), window: window, imagined: mostImagined)
    return (network, hasEars ? Ears(firstRow: count, futures: min(dreamers, count)) : nil)
  }

  // MARK: Hearing

  /// The frame is over: takes up what the melody did in it, and decides the next one.
  func finish(_ melody: MelodyEvent, places: Places) {
    weigh(melody)
    drawAnewIfNeeded()
    state = state.after(melody)
    past.append(melody, state, place, hypotheses)
    frame = frame + 1
    place = places(frame)
    read()
    decide()
  }

  /// Belief goes to those who expected what was played.
  private func weigh(_ melody: MelodyEvent) {
    for row in hypotheses.indices {
      let logits = melodyLogits(row, hypotheses[row], state)
      weights[row] *= Double(Sampling().shares(logits)[melody.index])
    }
    let total = weights.reduce(0, +)
    // What nobody expected at all tells nothing about any of them.
    for row in weights.indices {
      weights[row] = total > 0 ? weights[row] / total : 1 / Double(count)
    }
  }

  /// Where the effective sample size falls below half of the hypotheses, those that explain little
  /// give way to copies of those that explain much.
  private func drawAnewIfNeeded() {
    let effective = 1 / weights.reduce(0) { $0 + $1 * $1 }
    guard effective < Double(count) / 2 else { return }
    drawParents(of: count)
    // The first child of a parent stays in its place; the others take those of the childless.
    var free = count
    for (parent, sister) in zip(parents, parents.dropFirst()) where parent == sister {
      repeat { free -= 1 } while parents.contains(free)
      network.copy(row: parent, to: free)
      past.copy(row: parent, to: free)
      hypotheses[free] = hypotheses[parent]
    }
    for row in weights.indices { weights[row] = 1 / Double(count) }
  }

  /// Finds the hypotheses that so many new ones come from, in order, each as often as its weight has
  /// it: systematic resampling (Carpenter, Clifford and Fearnhead 1999).
  private func drawParents(of number: Int) {
    let offset = chance.fraction(frame: frame.rawValue, row: 0, decision: .ancestor)
    var (passed, row) = (weights[0], 0)
    parents.removeAll(keepingCapacity: true)
    for draw in 0..<number {
      let target = (Double(draw) + offset) / Double(number)
      while passed <= target, row + 1 < count {
        row += 1
        passed += weights[row]
      }
      parents.append(row)
    }
  }

  /// All rows read the frame at `place`.
  ///
  /// - Parameters:
  ///   - age: of the frame before it, among those that are over.
  ///   - isRemembering: whether it was decided before, by other minds.
  private func read(after age: Int = 0, isRemembering: Bool = false) {
    inputs.removeAll(keepingCapacity: true)
    for row in hypotheses.indices {
      let before = age < past.count ? past.events(row: row, age: age) : nil
      inputs.append(FrameInput(before: before, place: place))
    }
    if ears != nil {
      for row in 0..<Ears.rows {
        inputs.append(inputs[0].heard(transposedBy: Ears.transposition(ofEar: row)))
      }
      if age < past.count { ears?.hear(past.sounding(age: age)) }
      if place.isBeat { beginBeat(isRemembering: isRemembering) }
    }
    network.read(inputs)
    if place.isBeat { foresee() }
  }

  /// A young ear begins anew; and everyone, if the other one has outdone the elders: hypotheses from
  /// what that one has heard.
  private func beginBeat(isRemembering: Bool) {
    ears!.beginBeat()
    begin(row: ears!.newborn)
    guard let ears, ears.areEldersOutdone else { return }
    for row in ears.elders { begin(row: row) }
    for row in hypotheses.indices {
      network.copy(row: ears.young, to: row)
      guard !isRemembering else { continue }
      weights[row] = 1 / Double(count)
      hypotheses[row] = Past.Harmony()
      past.silence(row: row)
      inputs[row].before = past.events(row: row)
    }
  }

  private func begin(row: Int) {
    network.begin(row: row)
    inputs[row].before = nil
  }

  /// The ears tell what they take to sound, to be judged by it.
  private func foresee() {
    for ear in ears?.voting ?? [] {
      foreseen.removeAll()
      vote(row: ear.row, share: 1, transposedBy: -ear.transposition, &foreseen)
      for (chord, share) in foreseen.shares {
        ears?.foresee(share, of: vocabulary.pitchClasses(of: chord), by: ear)
      }
    }
  }

  private func decide() {
    for row in hypotheses.indices {
      hypotheses[row] = choose(row, as: row, at: frame, over: hypotheses[row].chord)
    }
  }

  // MARK: Choosing

  /// The chord of a frame that a row of the network has read, as hypothesis `number` would have it.
  func choose(
    _ row: Int, as number: Int, at frame: Frame, over sounding: Spelling
  ) -> Past.Harmony {
    func fraction(_ decision: Chance.Decision) -> Double {
      chance.fraction(frame: frame.rawValue, row: number, decision: decision)
    }
    // When to change is no matter of boldness: chords come as often as the network has learned.
    let when = Sampling(temperature: 1)
    guard when.choose(network.strikeLogits(row: row), at: fraction(.strike)) == 1 else {
      return Past.Harmony(chord: sounding)
    }
    let root = sampling.choose(network.rootLogits(row: row), at: fraction(.root))
    guard root != Spelling.noChord.root else {
      return Past.Harmony(chord: .noChord, isStrike: sounding != .noChord)
    }
    let quality = sampling.choose(
      network.qualityLogits(row: row, root: root), at: fraction(.quality))
    let bass = sampling.choose(
      network.bassLogits(row: row, root: root, quality: quality), at: fraction(.bass))
    let chord = Spelling(root: root, quality: quality, bass: bass)
    // To strike what sounds already is to hold it.
    return Past.Harmony(chord: chord, isStrike: chord != sounding)
  }

  func melodyLogits(
    _ row: Int, _ harmony: Past.Harmony, _ state: MelodyState
  ) -> UnsafeMutableBufferPointer<Float> {
    let logits = network.melodyLogits(
      row: row, isStrike: harmony.isStrike, chord: harmony.chord)
    // Nothing sounds: nothing can be held.
    if state == .silent { logits[MelodyEvent.hold.index] = -.infinity }
    return logits
  }
}
