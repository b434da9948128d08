import CKernels
import Chords
import Glibc

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
  private let cache: Cache

  /// The state of each row after the last norm, (B, D): what the heads read.
  private let states: Buffer
  /// The states while something else is imagined.
  private let remembered: Buffer
  /// The rows that were read last.
  private var active: [Int]
  private let x, h, wide, attention: Buffer  // (B, D)
  private let queries: Buffer  // (B, H · K)
  private let keys, values: Buffer  // (B, G · K)
  private let gate, up: Buffer  // (B, F)
  private let scores: Buffer  // (window)
  private let cosines, sines: Buffer  // (K / 2)
  private let logits: Buffer  // (the most choices of a head)
  private let speeds: [Double]  // (K / 2)

  /// - Parameters:
  ///   - window: frames that a frame can look back on, itself included.
  ///   - imagined: the most frames that are taken back at once.
  public init(_ model: Model, batch: Int = 1, window: Int = 512, imagined: Int = 64) {
    self.model = model
    self.batch = batch
    c = model.configuration
    weights = model.weights
    cache = Cache(c, batch: batch, window: window, imagined: imagined)
    remembered = Buffer(batch * c.width)
    active = Array(0..<batch)
    (states, x, h) = (Buffer(batch * c.width), Buffer(batch * c.width), Buffer(batch * c.width))
    (wide, attention) = (Buffer(batch * c.width), Buffer(batch * c.width))
    queries = Buffer(batch * c.width)
    (keys, values) = (Buffer(batch * c.keyValueWidth), Buffer(batch * c.keyValueWidth))
    (gate, up) = (Buffer(batch * c.feedForward), Buffer(batch * c.feedForward))
    scores = Buffer(cache.capacity)
    let half = c.headSize / 2
    (cosines, sines) = (Buffer(half), Buffer(half))
    logits = Buffer(max(MelodyIndex.count, c.qualities.count))
    speeds = (0..<half).map { [c] in pow(c.rotaryBase, -Double($0) / Double(half)) }
  }

  /// Frames read so far.
  public var position: Int { cache.length }

  /// Lets the network read frames that are forgotten afterwards; the heads then tell again of the
  /// frame that was read before.
  public func imagining<Result>(_ body: () throws -> Result) rethrows -> Result {
    let (position, rows) = (cache.length, active)
    remembered.start.update(from: states.start, count: batch * c.width)
    defer {
      cache.rollBack(to: position)
      active = rows
      states.start.update(from: remembered.start, count: batch * c.width)
    }
    return try body()
  }

  /// Row `row` goes on with the past and the present of row `other`.
  public func copy(row other: Int, to row: Int) {
    cache.copy(row: other, to: row)
    states.row(row, c.width).update(from: states.row(other, c.width), count: c.width)
  }

  /// Row `row` forgets all that it has read: the next frame is its first. Not while it imagines.
  public func begin(row: Int) { cache.begin(row: row) }

  /// Reads the next frame of each row. The heads then tell of what may happen in it.
  public func read(_ inputs: [FrameInput]) {
    precondition(inputs.count == batch)
    read(inputs, rows: Array(0..<batch))
  }

  /// Reads the next frame of some rows. From then on row n of the heads is the nth of them.
  public func read(_ inputs: [FrameInput], rows: [Int]) {
    precondition(inputs.count == rows.count && rows.count <= batch)
    active = rows
    for (row, input) in inputs.enumerated() { embed(input, into: x.row(row, c.width)) }
    findRotation(of: cache.length)
    for index in 0..<c.layers {
      attend(in: index)
      feedForward(in: weights.layers[index])
    }
    cache.advance()
    kernel_normalise(
      states.start, x.start, weights.norm.elements, active.count, c.width, Float(c.normEpsilon))
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
    kernel_add(x, row, c.width)
  }

  /// x += W_o attention(norm(x)).
  private func attend(in index: Int) {
    let layer = weights.layers[index]
    normalise(layer.attentionNorm)
    multiply(layer.queries, h, into: queries)
    multiply(layer.keys, h, into: keys)
    multiply(layer.values, h, into: values)
    for (row, cached) in active.enumerated() {
      let (first, count) = cache.attended(row: cached)
      let query = queries.row(row, c.width)
      let key = keys.row(row, c.keyValueWidth)
      kernel_rotate(query, cosines.start, sines.start, c.heads, c.headSize)
      kernel_rotate(key, cosines.start, sines.start, c.keyValueHeads, c.headSize)
      cache.write(key: key, value: values.row(row, c.keyValueWidth), layer: index, row: cached)
      kernel_attend(
        attention.row(row, c.width), query, cache.keys(layer: index, row: cached),
        cache.values(layer: index, row: cached), scores.start, c.heads, c.keyValueHeads, c.headSize,
        first, count, cache.capacity)
    }
    multiply(layer.attentionOutput, attention, into: wide)
    kernel_add(x.start, wide.start, active.count * c.width)
  }

  /// x += W_down (gelu(W_gate norm(x)) · W_up norm(x)).
  private func feedForward(in layer: Weights.Layer) {
    normalise(layer.feedForwardNorm)
    multiply(layer.gate, h, into: gate)
    multiply(layer.up, h, into: up)
    kernel_gated_gelu(gate.start, up.start, active.count * c.feedForward)
    multiply(layer.down, gate, into: wide)
    kernel_add(x.start, wide.start, active.count * c.width)
  }

  /// h = norm(x).
  private func normalise(_ norm: Matrix) {
    kernel_normalise(
      h.start, x.start, norm.elements, active.count, c.width, Float(c.normEpsilon))
  }

  /// output = input Wᵀ.
  private func multiply(_ matrix: Matrix, _ input: Buffer, into output: Buffer) {
    kernel_multiply(
      output.start, matrix.elements, input.start, active.count, matrix.rows, matrix.columns)
  }

  /// In double precision: after hours, positions are large.
  private func findRotation(of position: Int) {
    for (index, speed) in speeds.enumerated() {
      let angle = Double(position) * speed
      cosines.start[index] = Float(cos(angle))
      sines.start[index] = Float(sin(angle))
    }
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
    h.start.update(from: states.row(row, c.width), count: c.width)
  }

  /// logits = table gelu(W norm(h)) + bias.
  private func finish(_ head: Weights.Head, _ table: Matrix) -> UnsafeMutableBufferPointer<Float> {
    let (hidden, normalised) = (wide.start, attention.start)
    kernel_normalise(
      normalised, h.start, head.norm.elements, 1, c.width, Float(c.normEpsilon))
    kernel_multiply(hidden, head.hidden.elements, normalised, 1, c.width, c.width)
    kernel_gelu(hidden, c.width)
    kernel_multiply(logits.start, table.elements, hidden, 1, table.rows, c.width)
    kernel_add(logits.start, head.bias.elements, table.rows)
    return UnsafeMutableBufferPointer(start: logits.start, count: table.rows)
  }
}

/// Room for numbers, taken once.
private final class Buffer {
  let start: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Float>.size, alignment: 64)
    start = bytes.bindMemory(to: Float.self, capacity: count)
    start.initialize(repeating: 0, count: count)
  }

  deinit { start.deallocate() }

  func row(_ index: Int, _ width: Int) -> UnsafeMutablePointer<Float> { start + index * width }
}
