import CKernels
import Foundation
import TestSupport
import Testing

@testable import Transformer

private let backends = Backend.all

extension Backend: CustomTestStringConvertible {
  public var testDescription: String { name }
}

/// A matrix of int8 weights in tiles, and a batch of states to multiply with it.
private struct Product {
  let (rows, columns, batch): (Int, Int, Int)
  var elements: [Int8]
  let scales: [Float]
  let x: [Float]

  /// Random weights and states, unless `weight` is given: then all weights have this value and all
  /// states are 1, which makes the largest sums.
  init(rows: Int, columns: Int, batch: Int, weight: Int8? = nil, random: inout SplitMix64) {
    (self.rows, self.columns, self.batch) = (rows, columns, batch)
    let (tiles, pairs) = ((rows + 15) / 16, (columns + 1) / 2)
    elements = (0..<tiles * pairs * 32).map { _ in
      weight ?? Int8.random(in: -127...127, using: &random)
    }
    scales = (0..<tiles * 16).map { _ in Float.random(in: 0.001...0.1, using: &random) }
    x = (0..<batch * columns).map { _ in
      weight == nil ? Float.random(in: -3...3, using: &random) : 1
    }
  }

  /// y = x Wᵀ by a backend, and in its plain form. `offset` bytes precede the weights in memory.
  func results(_ backend: Backend, offset: Int = 0) -> (fast: [Float], plain: [Float]) {
    var quantised = [Int16](repeating: 1, count: batch * (columns + columns % 2))
    var (xScales, fast, plain) = (
      [Float](repeating: 0, count: batch), [Float](repeating: .nan, count: batch * rows), [Float]()
    )
    plain = fast
    let moved = [Int8](repeating: 0, count: offset) + elements
    moved.withUnsafeBufferPointer { weights in
      quantised.withUnsafeMutableBufferPointer { quantised in
        xScales.withUnsafeMutableBufferPointer { xScales in
          scales.withUnsafeBufferPointer { scales in
            let states = KernelActivations(
              elements: quantised.baseAddress, scales: xScales.baseAddress, batch: batch,
              columns: columns)
            let matrix = KernelMatrix(
              elements: weights.baseAddress! + offset, scales: scales.baseAddress, rows: rows,
              columns: columns)
            backend.quantise(states, x)
            backend.multiply(&fast, matrix, states)
            kernel_multiply_reference(&plain, matrix, states)
          }
        }
      }
    }
    return (fast, plain)
  }
}

/// The attention of one position to those before it. There are two heads of keys and values, which
/// the other heads share; a single head has its own.
private struct Attention {
  let (heads, keyValueHeads, size): (Int, Int, Int)
  var queries: [Float]
  /// A key, and a value, for each position.
  var keys, values: [[Float]]

  init(_ headsAndSize: (Int, Int), positions: Int, random: inout SplitMix64) {
    (heads, size) = headsAndSize
    keyValueHeads = heads == 1 ? 1 : 2
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float.random(in: -2...2, using: &random) }
    }
    queries = numbers(heads * size)
    keys = (0..<positions).map { [keyValueHeads, size] _ in numbers(keyValueHeads * size) }
    values = (0..<positions).map { [keyValueHeads, size] _ in numbers(keyValueHeads * size) }
  }

  /// The output of a backend over the positions from `first` on. In memory, 64 other bytes precede
  /// each block of keys and values.
  func result(_ backend: Backend, first: Int) -> [Float] {
    let blockCount = keys.count / KERNEL_BLOCK + 1
    let stride = kernel_block_bytes(keyValueHeads, size)
    let offset = 64
    let blocks = (0..<blockCount).map { _ in
      let block = UnsafeMutableRawPointer.allocate(byteCount: offset + stride, alignment: 64)
      block.initializeMemory(as: UInt8.self, repeating: 0x7F, count: offset + stride)
      return block
    }
    defer { for block in blocks { block.deallocate() } }
    for (position, (key, value)) in zip(keys, values).enumerated() {
      let (block, slot) = position.quotientAndRemainder(dividingBy: KERNEL_BLOCK)
      backend.storeKV(blocks[block] + offset, slot, key, value, keyValueHeads, size)
    }
    var output = [Float](repeating: .nan, count: heads * size)
    var scratch = [Float](
      repeating: .nan, count: 2 * heads / keyValueHeads * blockCount * KERNEL_BLOCK)
    let places = blocks.map { UnsafePointer<UInt8>?($0.assumingMemoryBound(to: UInt8.self)) }
    places.withUnsafeBufferPointer { places in
      let context = KernelContext(
        blocks: places.baseAddress, offset: offset, first: first, count: keys.count - first)
      backend.attend(&output, queries, context, &scratch, heads, keyValueHeads, size)
    }
    return output
  }

  /// The same output in double precision.
  func plain(first: Int) -> [Double] {
    (0..<heads * size).map { index in
      let (head, element) = index.quotientAndRemainder(dividingBy: size)
      let start = head / (heads / keyValueHeads) * size
      let weights = keys[first...].map { key in
        exp(
          (0..<size).reduce(0.0) { $0 + Double(queries[head * size + $1] * key[start + $1]) }
            / Double(size).squareRoot())
      }
      let mixed = zip(weights, values[first...]).reduce(0.0) {
        $0 + $1.0 * Double($1.1[start + element])
      }
      return mixed / weights.reduce(0, +)
    }
  }
}

@Suite struct KernelTests {
  @Test("every processor has the plain backend, and the fastest one comes first")
  func listsBackends() {
    #expect(Backend.fastest.name == backends[0].name)
    #expect(backends.last!.name == "plain")
    #expect(Backend(named: "abacus") == nil)
  }

  /// Sizes around one tile and many, one state and many, at several alignments.
  @Test(
    "multiply agrees with its plain form",
    arguments: backends, [1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129])
  func multiplyMatchesPlainForm(backend: Backend, rows: Int) {
    var random = SplitMix64(seed: UInt64(rows))
    for columns in [1, 2, 15, 16, 17, 31, 32, 33, 100, 512, 513, 1100] {
      let batches = [
        (1, 0), (1, 1), (2, 3), (3, 0), (4, 0), (5, 7), (6, 0), (7, 0), (8, 0), (9, 32), (15, 0),
      ]
      for (batch, offset) in batches {
        let product = Product(rows: rows, columns: columns, batch: batch, random: &random)
        let (fast, plain) = product.results(backend, offset: offset)
        let largest = plain.map(abs).max()!
        let isExact = zip(fast, plain).allSatisfy { abs($0 - $1) <= 4e-6 * max(1, largest) }
        #expect(isExact, "batch \(batch), columns \(columns), offset \(offset)")
      }
    }
  }

  @Test("the largest sums of multiply are exact", arguments: backends, [Int8(127), -127, -128])
  func largestSumsAreExact(backend: Backend, weight: Int8) {
    var random = SplitMix64(seed: 1)
    let product = Product(rows: 17, columns: 1536, batch: 2, weight: weight, random: &random)
    let (fast, plain) = product.results(backend)
    #expect(zip(fast, plain).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) })
  }

  @Test("states are quantised to the nearest 16-bit number", arguments: backends)
  func quantises(backend: Backend) {
    for columns in [1, 2, 15, 16, 17, 40, 63, 64, 65, 200] {
      let x = (0..<columns).map { Float($0) - 7.3 } + [Float](repeating: 0, count: columns)
      var elements = [Int16](repeating: 9, count: 2 * (columns + columns % 2))
      var scales: [Float] = [9, 9]
      elements.withUnsafeMutableBufferPointer { elements in
        scales.withUnsafeMutableBufferPointer { scales in
          backend.quantise(
            KernelActivations(
              elements: elements.baseAddress, scales: scales.baseAddress, batch: 2,
              columns: columns), x)
        }
      }
      // Pairs of elements of the two rows alternate.
      let first = elements.indices.filter { $0 % 4 < 2 }.map { elements[$0] }
      let second = elements.indices.filter { $0 % 4 >= 2 }.map { elements[$0] }
      for (element, number) in zip(first, x.prefix(columns)) {
        #expect(abs(Float(element) * scales[0] - number) <= 0.51 * scales[0])
      }
      // A row of zeros, and the padding after the last column, are 0.
      #expect(second.allSatisfy { $0 == 0 } && scales[1] == 0)
      #expect(first.dropFirst(columns).allSatisfy { $0 == 0 })
    }
  }

  @Test(
    "attention agrees with its plain form",
    arguments: backends, [(1, 2), (2, 16), (4, 32), (8, 18), (2, 64), (12, 32)])
  func attentionMatchesPlainForm(backend: Backend, headsAndSize: (Int, Int)) {
    var random = SplitMix64(seed: 3)
    for (first, count) in [(0, 1), (31, 1), (5, 27), (0, 32), (3, 40), (30, 60), (0, 96)] {
      let attention = Attention(headsAndSize, positions: first + count, random: &random)
      let (found, plain) = (attention.result(backend, first: first), attention.plain(first: first))
      for (found, plain) in zip(found, plain) {
        #expect(abs(Double(found) - plain) < 2e-3, "first \(first), count \(count)")
      }
    }
  }

  /// Otherwise plans would depend on the processor.
  @Test("all backends give the same bits", arguments: backends)
  func backendsGiveSameBits(backend: Backend) {
    let plain = Backend(named: "plain")!
    var random = SplitMix64(seed: 5)
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float.random(in: -4...4, using: &random) }
    }
    for width in [2, 16, 30, 50, 256] {
      let (x, y, weight) = (numbers(3 * width), numbers(3 * width), numbers(width))
      let matrix = numbers(7 * width)
      func all(_ backend: Backend) -> [[UInt32]] {
        var (normalised, sums, gelu, gated) = (x, x, x, x)
        var (rotated, logits) = (x, [Float](repeating: 0, count: 7))
        backend.rmsNorm(&normalised, x, weight, 3, width, 1e-5)
        backend.add(&sums, y, 3 * width)
        backend.gelu(&gelu, 3 * width)
        backend.gatedGelu(&gated, y, 3 * width)
        backend.rope(&rotated, y, weight, 3, width)
        backend.multiplyFloats(&logits, matrix, x, 7, width)
        return [normalised, sums, gelu, gated, rotated, logits].map { $0.map(\.bitPattern) }
      }
      #expect(all(backend) == all(plain), "width \(width)")
      for columns in [width, width + 1100] {
        let product = Product(rows: 37, columns: columns, batch: 5, random: &random)
        #expect(product.results(backend).fast == product.results(plain).fast)
      }
      let attention = Attention((8, width / 2 * 2), positions: width, random: &random)
      #expect(attention.result(backend, first: 1) == attention.result(plain, first: 1))
    }
  }

  @Test("gelu agrees with its formula in double precision", arguments: backends)
  func geluMatchesFormula(backend: Backend) {
    for step in -100...100 {
      let x = Float(step) / 10
      var result = [x]
      backend.gelu(&result, 1)
      let u = 0.797_884_560_802_865 * (Double(x) + 0.044715 * Double(x * x * x))
      #expect(abs(Double(result[0]) - Double(x) * 0.5 * (1 + tanh(u))) < 1e-6)
    }
  }

  @Test("the exponentials of softmax agree with those of the C library")
  func softmaxExponentials() {
    for step in 0...870 {
      let x = -Double(step) / 10
      var shares: [Float] = [Float(x), 0]
      kernel_softmax(&shares, 2, 1)
      let error = abs(Double(shares[0] / shares[1]) / exp(Double(Float(x))) - 1)
      #expect(error < 4e-7 - 7e-8 * x, "e^\(x)")
    }
  }

  @Test("softmax sums to 1 and keeps the order")
  func softmax() {
    var shares: [Float] = [1, -200, 3, 500, 499, 2]
    kernel_softmax(&shares, shares.count, 0.5)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-6)
    #expect(shares[3] > shares[4] && shares[4] > shares[2])
    #expect(shares.allSatisfy { $0.isFinite && $0 >= 0 })
  }

  /// The sums are largest where all queries are equal, all keys and all values.
  @Test("the largest sums of attention do not overflow", arguments: backends, [16, 32, 64, 256])
  func largestAttentionSums(backend: Backend, size: Int) {
    var random = SplitMix64(seed: 1)
    var attention = Attention((2, size), positions: 544, random: &random)
    attention.queries = attention.queries.map { _ in 1 }
    attention.keys = attention.keys.map { $0.map { _ in -1 } }
    attention.values = attention.values.map { $0.map { _ in -3 } }
    #expect(attention.result(backend, first: 0).allSatisfy { abs($0 + 3) < 1e-4 })
  }

  /// Positions of the first minutes, after an hour, and after six days.
  @Test(
    "rotations agree with those of the C library", arguments: [0, 1, 17, 511, 28_800, 4_000_001])
  func rotationsMatchLibrary(position: Int) {
    for half in [1, 16, 20] {
      var invFreq = [Double](repeating: 0, count: half)
      var (cosines, sines) = (
        [Float](repeating: 0, count: half), [Float](repeating: 0, count: half)
      )
      kernel_inv_freq(&invFreq, 10_000, half)
      kernel_rope_angles(&cosines, &sines, Double(position), invFreq, half)
      for index in 0..<half {
        let frequency = pow(10_000, -Double(index) / Double(half))
        #expect(abs(invFreq[index] / frequency - 1) < 1e-13)
        let angle = Double(position) * invFreq[index]
        #expect(abs(Double(cosines[index]) - cos(angle)) < 1e-7)
        #expect(abs(Double(sines[index]) - sin(angle)) < 1e-7)
      }
    }
  }
}
