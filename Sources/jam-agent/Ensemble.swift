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
/// Beside them an *ear* hears the melody without any chords of its own: what it takes to sound is
/// what all pasts together make likely, where the hypotheses are a few of these, lived through.
///
/// A frame is first *decided*: each hypothesis chooses its chord, given all frames before it. When it
/// is over it is *finished* with what the melody did, and the next one is decided.
final class Ensemble {
  typealias Spelling = ChordVocabulary.Spelling
  /// Where a frame stands in the music.
  typealias Places = (Frame) -> MetricalPlace

  private struct Hypothesis {
    /// The chord of the decided frame, and whether it is struck there.
    var chord = Spelling.noChord
    var isStrike = false
    /// The latest frames: what another network is told when it takes over.
    var past: [FrameInput.Events] = []
  }

  /// What hypotheses make of a frame: chords by the belief in them, which sums to at most 1.
  struct Votes {
    /// In the order in which they were first named: sums over them are the same each time.
    private(set) var shares: [(chord: Spelling, share: Double)] = []
    private var indices: [Spelling: Int] = [:]

    mutating func add(_ share: Double, for chord: Spelling) {
      if let index = indices[chord] {
        shares[index].share += share
      } else {
        indices[chord] = shares.count
        shares.append((chord, share))
      }
    }
  }

  /// Frames to come, as they were imagined.
  struct Dream {
    /// From the decided frame on; none where nobody was asked.
    var votes: [Votes]
    /// What the likeliest hypothesis expects of the melody, and what then sounds.
    var melody: [(event: MelodyEvent, state: MelodyState)]
  }

  var sampling = Sampling()
  var chance: Chance
  private let network: Network
  /// The row of the network that is told of no chords.
  private let ear: Int?
  /// What the ear has of all votes.
  var earShare: Double
  private var hypotheses: [Hypothesis]
  /// The belief in each hypothesis; they sum to 1.
  private var weights: [Double]
  /// The frame that every `past` begins with.
  private var pastOrigin: Frame
  /// Where the frames from there up to the decided one stand, as the meters were when they came.
  private var pastPlaces: [MetricalPlace]
  /// The frame that is decided but not finished.
  private(set) var frame: Frame
  /// What sounds of the melody as it begins.
  private var state = MelodyState.silent

  /// Frames that the network can look back on.
  static let window = 512
  /// The most frames of a plan.
  static let mostImagined = 64
  /// The most frames that another network reads when it takes over: more would hold up the music.
  static let longestRereading = 256
  /// Hypotheses that imagine what is to come: the likeliest.
  static let dreamers = 4
  /// A root, and a quality on it, that has less of a hypothesis's probability gets no vote.
  private static let (leastRoot, leastQuality): (Float, Float) = (0.02, 0.1)

  var count: Int { hypotheses.count }
  /// Whether there is one hypothesis and no ear: nobody to outvote it.
  var isSingle: Bool { count == 1 && ear == nil }

  /// A piece that begins at `origin`, a bar line, where a frame is decided at once.
  init(
    _ model: Model, count: Int, earShare: Double, origin: Frame, chance: Chance,
    sampling: Sampling, places: Places
  ) {
    (network, ear) = Self.network(model, count: count, hasEar: earShare > 0)
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
    (network, ear) = Self.network(model, count: count, hasEar: earShare > 0)
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
    _ model: Model, count: Int, hasEar isWanted: Bool
  ) -> (Network, ear: Int?) {
    let hasEar = isWanted && model.hearsUntold
    let network = Network(
      model, batch: count + (hasEar ? 1 : 0), window: window, imagined: mostImagined)
    return (network, hasEar ? count : nil)
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
    if ear != nil { inputs.append(inputs[0].untold) }
    network.read(inputs)
  }

  private func decide() {
    for row in hypotheses.indices {
      let sounding = hypotheses[row].chord
      (hypotheses[row].isStrike, hypotheses[row].chord) =
        choose(row, as: row, at: frame, over: sounding)
    }
  }

  // MARK: Imagining

  /// Imagines the frames from the decided one up to `until`, and forgets the dream.
  ///
  /// - Parameters:
  ///   - early: a note already begun that belongs to the decided frame.
  ///   - mayChange: whether there is a vote at a place; a single mind always has its say.
  func imagine(
    until: Frame, early: Pitch?, places: Places, mayChange: (MetricalPlace) -> Bool
  ) -> Dream {
    func isAsked(_ place: MetricalPlace) -> Bool { isSingle || mayChange(place) }
    var dream = Dream(votes: [Votes()], melody: [])
    if isAsked(places(frame)) {
      for (row, hypothesis) in hypotheses.enumerated() {
        vote(row, weights[row], hypothesis.chord, over: sounding(hypothesis), &dream.votes[0])
      }
      if let ear { vote(ear: ear, &dream.votes[0]) }
    }
    let likeliest = weights.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
    let rows = Array(likeliest.prefix(Self.dreamers))
    let total = rows.reduce(0) { $0 + weights[$1] }
    var dreamers = rows.map { Dreamer(row: $0, share: weights[$0] / total, hypotheses[$0], state) }
    network.imagining {
      for frame in frame..<until {
        for index in dreamers.indices {
          let row = frame == self.frame ? dreamers[index].row : index
          dreamers[index].hear(expected(at: frame, early: early, dreamers[index], row: row))
        }
        dream.melody.append((dreamers[0].melody, dreamers[0].state))
        guard frame + 1 < until else { break }
        let place = places(frame + 1)
        var inputs = dreamers.map { $0.input(place) }
        if ear != nil { inputs.append(inputs[0].untold) }
        network.read(inputs, rows: rows + (ear.map { [$0] } ?? []))
        var votes = Votes()
        for index in dreamers.indices {
          let dreamer = dreamers[index]
          (dreamers[index].isStrike, dreamers[index].chord) =
            choose(index, as: dreamer.row, at: frame + 1, over: dreamer.chord)
          guard isAsked(place) else { continue }
          vote(index, dreamer.share, dreamers[index].chord, over: dreamer.chord, &votes)
        }
        if ear != nil, isAsked(place) { vote(ear: dreamers.count, &votes) }
        dream.votes.append(votes)
      }
    }
    return dream
  }

  /// What sounds as the decided frame begins.
  private func sounding(_ hypothesis: Hypothesis) -> Spelling {
    hypothesis.past.last?.chord ?? .noChord
  }

  /// A hypothesis votes for all chords that it could have chosen, each by its probability, rather
  /// than for the one that it happened to choose: the same in the mean, and far steadier. A single
  /// mind stands by its choice.
  private func vote(
    _ row: Int, _ share: Double, _ chosen: Spelling, over sounding: Spelling, _ votes: inout Votes
  ) {
    guard !isSingle else { return votes.add(share, for: chosen) }
    let share = ear == nil ? share : share * (1 - earShare)
    let strike = Double(Sampling().shares(network.strikeLogits(row: row))[1])
    votes.add(share * (1 - strike), for: sounding)
    vote(row, share * strike, &votes)
  }

  /// The ear has no chord that could go on: it votes for what may sound.
  private func vote(ear row: Int, _ votes: inout Votes) { vote(row, earShare, &votes) }

  /// A row votes for the chords of its frame, as it sees their odds.
  private func vote(_ row: Int, _ share: Double, _ votes: inout Votes) {
    for (root, ofRoot) in likely(sampling.shares(network.rootLogits(row: row)), Self.leastRoot) {
      guard root != Spelling.noChord.root else {
        votes.add(share * ofRoot, for: .noChord)
        continue
      }
      let qualities = sampling.shares(network.qualityLogits(row: row, root: root))
      for (quality, ofQuality) in likely(qualities, Self.leastQuality) {
        let basses = network.bassLogits(row: row, root: root, quality: quality)
        let bass = basses.indices.max { basses[$0] < basses[$1] }!
        let chord = Spelling(root: root, quality: quality, bass: bass)
        votes.add(share * ofRoot * ofQuality, for: chord)
      }
    }
  }

  /// The choices that have at least `least` of the probability, each with its share.
  private func likely(
    _ shares: UnsafeMutableBufferPointer<Float>, _ least: Float
  ) -> [(choice: Int, share: Double)] {
    shares.indices.filter { shares[$0] >= least }.map { ($0, Double(shares[$0])) }
  }

  /// A hypothesis that goes on without hearing anything.
  private struct Dreamer {
    let row: Int
    let share: Double
    var chord: Spelling
    var isStrike: Bool
    var state: MelodyState
    var melody = MelodyEvent.rest

    init(row: Int, share: Double, _ hypothesis: Hypothesis, _ state: MelodyState) {
      (self.row, self.share) = (row, share)
      (chord, isStrike) = (hypothesis.chord, hypothesis.isStrike)
      self.state = state
    }

    mutating func hear(_ event: MelodyEvent) {
      melody = event
      state = state.after(event)
    }

    func input(_ place: MetricalPlace) -> FrameInput {
      let events = FrameInput.Events(
        melody: melody, state: state, isStrike: isStrike, chord: chord)
      return FrameInput(before: events, place: place)
    }
  }

  private func expected(
    at frame: Frame, early: Pitch?, _ dreamer: Dreamer, row: Int
  ) -> MelodyEvent {
    if frame == self.frame, let early { return .onset(early) }
    let shares = melodyLogits(row, dreamer.isStrike, dreamer.chord, dreamer.state)
    let fraction = chance.fraction(
      frame: frame.rawValue, row: dreamer.row, decision: .melody)
    return MelodyEvent(index: sampling.choose(shares, at: fraction))
  }

  // MARK: Choosing

  /// The chord of a frame that a row of the network has read, as hypothesis `number` would have it.
  private func choose(
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

  private func melodyLogits(
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
  fileprivate var untold: FrameInput {
    var input = self
    input.before?.isChordTold = false
    return input
  }
}
