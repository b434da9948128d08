import CKernels
import Chords

/// A Transformer decoder that reads one frame at a time, for a batch of rows at once.
///
/// Each row is a context of its own: `fork` copies one, `reset` clears one, and `withRollback`
/// takes back what was read. The heads (`withRootLogits` and others) give the logits of the frame
/// read last.
///
/// Real-time: reading a frame and asking a head allocate nothing and take no locks.
public final class Network {
  /// A context of the network: one sequence of frames that were read. Not to be mixed up with the
  /// number of a hypothesis, which has a row.
  public struct Row: Hashable, Sendable {
    /// 0 to the network's capacity - 1.
    public let index: Int

    public init(_ index: Int) { self.index = index }
  }

  public let model: Model
  /// How many rows there are, in use or not.
  public let capacity: Int
  /// How many states were computed so far, one for each row and frame that was not known already.
  public private(set) var computedStates = 0

  let c: Configuration
  let weights: Weights
  let backend: Backend
  private let cache: KVCache
  private let states: StateCache
  /// The rows of the current batch whose state is not known yet: those that are computed.
  private var fresh: [Row] = []
  private var isRollingOut = false

  // Shapes use the letters of `Configuration`; B is the number of fresh rows.
  let x, h, wide, attention: Buffer  // (B, D)
  private let queries: Buffer  // (B, H · K)
  private let keys, values: Buffer  // (B, G · K)
  private let gate, up: Buffer  // (B, F)
  let quantised: ActivationBuffer  // (B, D or F)
  private let scores: Buffer  // (2, H / G, positions of a row's blocks)
  private let cosines, sines: Buffer  // (K / 2)
  private let invFreq: [Double]  // (K / 2)
  /// The logits of the head asked last: (its choices).
  var logits: [Float]

  /// A network whose rows have read nothing.
  ///
  /// - Parameters:
  ///   - capacity: the number of rows.
  ///   - window: how many frames a frame attends to, itself included.
  ///   - maxRollback: the most frames that are taken back at once.
  public init(_ model: Model, capacity: Int = 1, window: Int = 512, maxRollback: Int = 64) {
    self.model = model
    self.capacity = capacity
    backend = model.backend
    c = model.configuration
    weights = model.weights
    cache = KVCache(c, capacity: capacity, window: window, maxRollback: maxRollback)
    states = StateCache(capacity: capacity, width: c.width, maxRollback: maxRollback)
    fresh.reserveCapacity(capacity)
    func buffer(_ width: Int) -> Buffer { Buffer(uninitialised: capacity * width) }
    (x, h, wide, attention) = (buffer(c.width), buffer(c.width), buffer(c.width), buffer(c.width))
    queries = buffer(c.width)
    (keys, values) = (buffer(c.keyValueWidth), buffer(c.keyValueWidth))
    (gate, up) = (buffer(c.feedForward), buffer(c.feedForward))
    quantised = ActivationBuffer(batch: capacity, columns: max(c.width, c.feedForward))
    scores = Buffer(2 * c.heads / c.keyValueHeads * cache.blocksPerRow * KVCache.blockSize)
    let half = c.headSize / 2
    (cosines, sines) = (Buffer(half), Buffer(half))
    logits = Array(repeating: 0, count: max(MelodyIndex.count, c.qualities.count))
    var frequencies = [Double](repeating: 0, count: half)
    kernel_inv_freq(&frequencies, c.rotaryBase, half)
    invFreq = frequencies
  }

  // MARK: Rows

  /// Rolls back, after `body`, the frames that it reads. Their states stay known, so that reading
  /// the same frames again is free.
  public func withRollback<Result>(_ body: () throws -> Result) rethrows -> Result {
    precondition(!isRollingOut)
    let position = cache.length
    isRollingOut = true
    defer {
      cache.rollback(to: position)
      isRollingOut = false
    }
    return try body()
  }

  /// Gives row `child` the past and the current state of row `parent`. Not within `withRollback`.
  public func fork(from parent: Row, to child: Row) {
    precondition(!isRollingOut)
    cache.fork(from: parent.index, to: child.index)
    states.fork(from: parent.index, to: child.index, at: cache.length)
  }

  /// Clears a row: the next frame that it reads is its first. Not within `withRollback`.
  public func reset(row: Row) {
    precondition(!isRollingOut)
    cache.reset(row: row.index)
    states.reset(row: row.index, at: cache.length)
  }

  // MARK: Reading

  /// Reads the next frame of some rows: inputs[n] is that of rows[n]. A row that does not read a
  /// frame has to be forked or reset before it reads again, unless the frame is rolled back.
  public func forward(_ inputs: [FrameInput], rows: [Row]) {
    precondition(inputs.count == rows.count && rows.count <= capacity)
    fresh.removeAll(keepingCapacity: true)
    for (row, input) in zip(rows, inputs)
    where !states.enter(input, row: row.index, at: cache.length) {
      embed(input, into: x.row(fresh.count, c.width))
      fresh.append(row)
    }
    if !fresh.isEmpty { computeStates() }
    cache.advance()
  }

  /// The state of a row after the frame read last, of shape (D).
  func state(row: Row) -> UnsafePointer<Float> {
    UnsafePointer(states.state(row: row.index, at: cache.length - 1))
  }

  /// The states of the fresh rows, from their embeddings in x.
  private func computeStates() {
    computedStates += fresh.count
    for row in fresh { cache.makeWritable(row: row.index) }
    kernel_rope_angles(
      cosines.start, sines.start, Double(cache.length), invFreq, c.headSize / 2)
    for index in 0..<c.layers {
      attend(in: index)
      feedForward(in: weights.layers[index])
    }
    norm(x, weights.norm, into: h)
    for (index, row) in fresh.enumerated() {
      let state = states.state(row: row.index, at: cache.length)
      state.update(from: h.row(index, c.width), count: c.width)
    }
  }

  // MARK: Layers

  /// x += W_o attention(norm(x)).
  private func attend(in index: Int) {
    let layer = weights.layers[index]
    norm(x, layer.attentionNorm, into: h)
    let normalised = quantise(h, columns: c.width)
    backend.multiply(queries.start, layer.queries, normalised)
    backend.multiply(keys.start, layer.keys, normalised)
    backend.multiply(values.start, layer.values, normalised)
    for (number, row) in fresh.enumerated() {
      let query = queries.row(number, c.width)
      let key = keys.row(number, c.keyValueWidth)
      backend.rope(query, cosines.start, sines.start, c.heads, c.headSize)
      backend.rope(key, cosines.start, sines.start, c.keyValueHeads, c.headSize)
      let (block, slot) = cache.slot(layer: index, row: row.index)
      backend.storeKV(
        block, slot, key, values.row(number, c.keyValueWidth), c.keyValueHeads, c.headSize)
      backend.attend(
        attention.row(number, c.width), query, cache.context(layer: index, row: row.index),
        scores.start, c.heads, c.keyValueHeads, c.headSize)
    }
    backend.multiply(wide.start, layer.attentionOutput, quantise(attention, columns: c.width))
    backend.add(x.start, wide.start, fresh.count * c.width)
  }

  /// x += W_down (gelu(W_gate norm(x)) · W_up norm(x)).
  private func feedForward(in layer: Weights.Layer) {
    norm(x, layer.feedForwardNorm, into: h)
    let normalised = quantise(h, columns: c.width)
    backend.multiply(gate.start, layer.gate, normalised)
    backend.multiply(up.start, layer.up, normalised)
    backend.gatedGelu(gate.start, up.start, fresh.count * c.feedForward)
    backend.multiply(wide.start, layer.down, quantise(gate, columns: c.feedForward))
    backend.add(x.start, wide.start, fresh.count * c.width)
  }

  private func norm(_ input: Buffer, _ weight: Matrix, into output: Buffer) {
    backend.rmsNorm(
      output.start, input.start, weight.elements, fresh.count, c.width, Float(c.normEpsilon))
  }

  /// The fresh rows of a buffer, as activations.
  private func quantise(_ input: Buffer, columns: Int) -> KernelActivations {
    let activations = quantised.activations(batch: fresh.count, columns: columns)
    backend.quantise(activations, input.start)
    return activations
  }
}
