import CKernels
import Chords

/// A network at work: it reads frames one after another, for a whole batch at once, and says how
/// likely each next event is.
///
/// Real-time: reading a frame and asking a head allocate nothing and take no locks.
public final class Network {
  public let model: Model
  /// B: hypotheses that step together.
  public let batch: Int
  private let c: Configuration
  private let weights: Weights
  private let kernels: Kernels
  private let cache: Cache

  /// What each row has read at its latest positions and at those that it imagined.
  private let readings: Readings
  /// All rows; those that were read last.
  private let everyRow: [Int]
  private var active: [Int]
  /// Of these, the rows that had not read the same before: those that are calculated.
  private var fresh: [Int] = []
  private var isImagining = false
  private let x, h, wide, attention: Buffer  // (B, D)
  private let queries: Buffer  // (B, H · K)
  private let keys, values: Buffer  // (B, G · K)
  private let gate, up: Buffer  // (B, F)
  /// What a matrix is multiplied with, in 16 bits.
  private let quantised: QuantisedBuffer  // (B, D or F)
  private let scores: Buffer  // (2, H / G, positions of a row's blocks)
  private let cosines, sines: Buffer  // (K / 2)
  private let logits: Buffer  // (the most choices of a head)
  private var speeds: [Double]  // (K / 2)

  /// - Parameters:
  ///   - window: frames that a frame can look back on, itself included.
  ///   - imagined: the most frames that are taken back at once.
  public init(_ model: Model, batch: Int = 1, window: Int = 512, imagined: Int = 64) {
    self.model = model
    self.batch = batch
    kernels = model.kernels
    c = model.configuration
    weights = model.weights
    cache = Cache(c, batch: batch, window: window, imagined: imagined)
    readings = Readings(batch: batch, width: c.width, imagined: imagined)
    everyRow = Array(0..<batch)
    active = everyRow
    fresh.reserveCapacity(batch)
    (x, h) = (Buffer(batch * c.width), Buffer(batch * c.width))
    (wide, attention) = (Buffer(batch * c.width), Buffer(batch * c.width))
    queries = Buffer(batch * c.width)
    (keys, values) = (Buffer(batch * c.keyValueWidth), Buffer(batch * c.keyValueWidth))
    (gate, up) = (Buffer(batch * c.feedForward), Buffer(batch * c.feedForward))
    quantised = QuantisedBuffer(batch: batch, columns: max(c.width, c.feedForward))
    scores = Buffer(2 * c.heads / c.keyValueHeads * cache.blocksPerRow * Cache.blockSize)
    let half = c.headSize / 2
    (cosines, sines) = (Buffer(half), Buffer(half))
    logits = Buffer(max(MelodyIndex.count, c.qualities.count))
    speeds = Array(repeating: 0, count: half)
    kernel_speeds(&speeds, c.rotaryBase, half)
  }

  /// Rows' frames that were calculated so far: fewer than were read, where music went on as imagined.
  public private(set) var calculations = 0

  /// Lets the network read frames that it then goes back before: the heads tell again of the frame
  /// that was read before. Where the music goes on as a row imagined it, that is not calculated again.
  public func imagining<Result>(_ body: () throws -> Result) rethrows -> Result {
    precondition(!isImagining)
    let (position, rows) = (cache.length, active)
    isImagining = true
    defer {
      cache.goBack(to: position)
      active = rows
      isImagining = false
    }
    return try body()
  }

  /// Row `row` goes on with the past and the present of row `other`. Not while it imagines.
  public func copy(row other: Int, to row: Int) {
    precondition(!isImagining)
    cache.copy(row: other, to: row)
    readings.copy(row: other, to: row, before: cache.length)
  }

  /// Row `row` forgets all that it has read: the next frame is its first. Not while it imagines.
  public func begin(row: Int) {
    precondition(!isImagining)
    cache.begin(row: row)
    readings.forget(row: row, from: cache.length)
  }

  /// Reads the next frame of each row. The heads then tell of what may happen in it.
  public func read(_ inputs: [FrameInput]) {
    precondition(inputs.count == batch)
    read(inputs, rows: everyRow)
  }

  /// Reads the next frame of some rows: the same ones as long as it imagines, and otherwise all. From
  /// then on row n of the heads is the nth of them.
  public func read(_ inputs: [FrameInput], rows: [Int]) {
    precondition(inputs.count == rows.count && rows.count <= batch)
    precondition(isImagining || rows.count == batch)
    active = rows
    fresh.removeAll(keepingCapacity: true)
    for (row, input) in zip(rows, inputs)
    where !readings.take(input, row: row, at: cache.length) {
      embed(input, into: x.row(fresh.count, c.width))
      fresh.append(row)
    }
    if !fresh.isEmpty { calculate() }
    cache.advance()
  }

  /// The states of the fresh rows, from what is embedded in x.
  private func calculate() {
    calculations += fresh.count
    for row in fresh { cache.prepare(row: row) }
    kernel_rotations(
      cosines.start, sines.start, Double(cache.length), speeds, c.headSize / 2)
    for index in 0..<c.layers {
      attend(in: index)
      feedForward(in: weights.layers[index])
    }
    normalise(x, weights.norm, into: h)
    for (index, row) in fresh.enumerated() {
      let state = readings.state(row: row, at: cache.length)
      state.update(from: h.row(index, c.width), count: c.width)
    }
  }

  // MARK: Layers

  /// x = Σ of the rows of the tables that the input names.
  private func embed(_ input: FrameInput, into x: UnsafeMutablePointer<Float>) {
    let tables = weights.tables
    let place = input.place
    let phrase = (place.bar % c.barsPerPhrase + c.barsPerPhrase) % c.barsPerPhrase
    x.update(from: tables.place.row(min(place.place, c.longestBar - 1)), count: c.width)
    add(tables.left.row(min(place.left, c.longestBar - 1)), to: x)
    add(tables.bar.row(phrase), to: x)
    add(tables.compound.row(place.isCompound ? 1 : 0), to: x)
    let (kind, pitch) = melodyRows(input.before)
    add(tables.melodyKind.row(kind.rawValue), to: x)
    add(tables.pitch.row(pitch), to: x)
    let told = input.before.flatMap { $0.isChordTold ? $0 : nil }
    addChord(told?.chord ?? .noChord, kind: chordKind(told), to: x)
  }

  private func melodyRows(_ before: FrameInput.Events?) -> (MelodyKind, pitch: Int) {
    let noPitch = 128
    guard let before else { return (.start, noPitch) }
    switch (before.melody, before.state) {
    case (.onset(let pitch), _): return (.onset, Int(pitch.rawValue))
    case (.hold, .sounding(let pitch)): return (.hold, Int(pitch.rawValue))
    default: return (.rest, noPitch)
    }
  }

  private func chordKind(_ before: FrameInput.Events?) -> ChordKind {
    guard let before else { return .start }
    return before.isStrike ? .strike : .hold
  }

  private func addChord(
    _ chord: ChordVocabulary.Spelling, kind: ChordKind, to x: UnsafeMutablePointer<Float>
  ) {
    let tables = weights.tables
    add(tables.chordKind.row(kind.rawValue), to: x)
    add(tables.root.row(chord.root), to: x)
    add(tables.quality.row(chord.quality), to: x)
    add(tables.bass.row(chord.bass), to: x)
  }

  private func add(_ row: UnsafePointer<Float>, to x: UnsafeMutablePointer<Float>) {
    kernels.add(x, row, c.width)
  }

  /// x += W_o attention(norm(x)).
  private func attend(in index: Int) {
    let layer = weights.layers[index]
    normalise(x, layer.attentionNorm, into: h)
    let normalised = quantise(h, columns: c.width)
    kernels.multiply(queries.start, layer.queries, normalised)
    kernels.multiply(keys.start, layer.keys, normalised)
    kernels.multiply(values.start, layer.values, normalised)
    for (row, cached) in fresh.enumerated() {
      let query = queries.row(row, c.width)
      let key = keys.row(row, c.keyValueWidth)
      kernels.rotate(query, cosines.start, sines.start, c.heads, c.headSize)
      kernels.rotate(key, cosines.start, sines.start, c.keyValueHeads, c.headSize)
      let (block, slot) = cache.place(layer: index, row: cached)
      kernels.remember(
        block, slot, key, values.row(row, c.keyValueWidth), c.keyValueHeads, c.headSize)
      kernels.attend(
        attention.row(row, c.width), query, cache.past(layer: index, row: cached), scores.start,
        c.heads, c.keyValueHeads, c.headSize)
    }
    kernels.multiply(wide.start, layer.attentionOutput, quantise(attention, columns: c.width))
    kernels.add(x.start, wide.start, fresh.count * c.width)
  }

  /// x += W_down (gelu(W_gate norm(x)) · W_up norm(x)).
  private func feedForward(in layer: Weights.Layer) {
    normalise(x, layer.feedForwardNorm, into: h)
    let normalised = quantise(h, columns: c.width)
    kernels.multiply(gate.start, layer.gate, normalised)
    kernels.multiply(up.start, layer.up, normalised)
    kernels.gatedGelu(gate.start, up.start, fresh.count * c.feedForward)
    kernels.multiply(wide.start, layer.down, quantise(gate, columns: c.feedForward))
    kernels.add(x.start, wide.start, fresh.count * c.width)
  }

  private func normalise(_ input: Buffer, _ norm: Matrix, into output: Buffer) {
    kernels.normalise(
      output.start, input.start, norm.elements, fresh.count, c.width, Float(c.normEpsilon))
  }

  /// The fresh rows of a buffer, as matrices take them.
  private func quantise(_ input: Buffer, columns: Int) -> KernelStates {
    let states = quantised.states(batch: fresh.count, columns: columns)
    kernels.quantise(states, input.start)
    return states
  }

  // MARK: Heads

  /// Whether a chord is struck in the row's frame: logits of no and yes.
  public func strikeLogits(row: Int) -> UnsafeMutableBufferPointer<Float> {
    startHead(row)
    let kinds = weights.tables.chordKind
    return finish(
      weights.strikeHead, Matrix(elements: kinds.elements, rows: 2, columns: kinds.columns))
  }

  /// The root of a chord struck in the row's frame: logits of 12 pitch classes and no chord.
  public func rootLogits(row: Int) -> UnsafeMutableBufferPointer<Float> {
    startHead(row)
    return finish(weights.rootHead, weights.tables.root)
  }

  /// The quality of a chord on `root` struck in the row's frame.
  public func qualityLogits(row: Int, root: Int) -> UnsafeMutableBufferPointer<Float> {
    startHead(row)
    add(weights.tables.root.row(root), to: h.start)
    return finish(weights.qualityHead, weights.tables.quality)
  }

  /// The bass of a chord struck in the row's frame: logits of 0 to 11 semitones above the root.
  public func bassLogits(
    row: Int, root: Int, quality: Int
  ) -> UnsafeMutableBufferPointer<Float> {
    startHead(row)
    add(weights.tables.root.row(root), to: h.start)
    add(weights.tables.quality.row(quality), to: h.start)
    return finish(weights.bassHead, weights.tables.bass)
  }

  /// What the melody does in the row's frame, over what the chords do: logits of rest, hold and the
  /// onsets of 128 pitches.
  public func melodyLogits(
    row: Int, isStrike: Bool, chord: ChordVocabulary.Spelling
  ) -> UnsafeMutableBufferPointer<Float> {
    startHead(row)
    addChord(chord, kind: isStrike ? .strike : .hold, to: h.start)
    return finish(weights.melodyHead, weights.tables.melodyEvents)
  }

  /// h = the row's state; what is known already is then added to it.
  private func startHead(_ row: Int) {
    let state = readings.state(row: active[row], at: cache.length - 1)
    h.start.update(from: state, count: c.width)
  }

  /// logits = table gelu(W norm(h)) + bias.
  private func finish(_ head: Weights.Head, _ table: Matrix) -> UnsafeMutableBufferPointer<Float> {
    let (hidden, normalised) = (wide.start, attention.start)
    kernels.normalise(
      normalised, h.start, head.norm.elements, 1, c.width, Float(c.normEpsilon))
    let states = quantised.states(batch: 1, columns: c.width)
    kernels.quantise(states, normalised)
    kernels.multiply(hidden, head.hidden, states)
    kernels.gelu(hidden, c.width)
    kernels.multiplyFloats(logits.start, table.elements, hidden, table.rows, c.width)
    kernels.add(logits.start, head.bias.elements, table.rows)
    return UnsafeMutableBufferPointer(start: logits.start, count: table.rows)
  }
}
