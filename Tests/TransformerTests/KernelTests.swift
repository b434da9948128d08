import CKernels
import Foundation
import TestSupport
import Testing

@testable import Transformer

private let sets = Backend.all

extension Backend: CustomTestStringConvertible {
  public var testDescription: String { name }
}

/// A matrix in tiles, states in 16 bits, and room for their product.
private struct Product {
  let (rows, columns, batch): (Int, Int, Int)
  var elements: [Int8]
  let scales: [Float]
  let x: [Float]

  /// - Parameter most: the largest weight; with it alone, sums are as large as they can be.
  init(rows: Int, columns: Int, batch: Int, most: Int8? = nil, random: inout SplitMix64) {
    (self.rows, self.columns, self.batch) = (rows, columns, batch)
    let (tiles, pairs) = ((rows + 15) / 16, (columns + 1) / 2)
    elements = (0..<tiles * pairs * 32).map { _ in
      most ?? Int8.random(in: -127...127, using: &random)
    }
    scales = (0..<tiles * 16).map { _ in Float.random(in: 0.001...0.1, using: &random) }
    x = (0..<batch * columns).map { _ in
      most == nil ? Float.random(in: -3...3, using: &random) : 1
    }
  }

  /// y = x Wᵀ by a set of backend, and in its plain form. The weights begin `offset` bytes off.
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

/// Heads that ask for the past of the last position, two of them (or one) sharing keys and values.
private struct Attention {
  let (heads, shared, size): (Int, Int, Int)
  var queries: [Float]
  /// A key, and a value, for each position.
  var keys, values: [[Float]]

  init(_ headsAndSize: (Int, Int), positions: Int, random: inout SplitMix64) {
    (heads, size) = headsAndSize
    shared = heads == 1 ? 1 : 2
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float.random(in: -2...2, using: &random) }
    }
    queries = numbers(heads * size)
    keys = (0..<positions).map { [shared, size] _ in numbers(shared * size) }
    values = (0..<positions).map { [shared, size] _ in numbers(shared * size) }
  }

  /// By a set of backend, over the positions from `first` on, in blocks with something else before
  /// and after.
  func result(_ backend: Backend, first: Int) -> [Float] {
    let blockCount = keys.count / KERNEL_BLOCK + 1
    let stride = kernel_block_bytes(shared, size)
    let offset = 64
    let blocks = (0..<blockCount).map { _ in
      let block = UnsafeMutableRawPointer.allocate(byteCount: offset + stride, alignment: 64)
      block.initializeMemory(as: UInt8.self, repeating: 0x7F, count: offset + stride)
      return block
    }
    defer { for block in blocks { block.deallocate() } }
    for (position, (key, value)) in zip(keys, values).enumerated() {
      let (block, slot) = position.quotientAndRemainder(dividingBy: KERNEL_BLOCK)
      backend.storeKV(blocks[block] + offset, slot, key, value, shared, size)
    }
    var output = [Float](repeating: .nan, count: heads * size)
    var scratch = [Float](
      repeating: .nan, count: 2 * heads / shared * blockCount * KERNEL_BLOCK)
    let places = blocks.map { UnsafePointer<UInt8>?($0.assumingMemoryBound(to: UInt8.self)) }
    places.withUnsafeBufferPointer { places in
      let past = KernelContext(
        blocks: places.baseAddress, offset: offset, first: first, count: keys.count - first)
      backend.attend(&output, queries, past, &scratch, heads, shared, size)
    }
    return output
  }

  func plain(first: Int) -> [Double] {
    (0..<heads * size).map { index in
      let (head, element) = index.quotientAndRemainder(dividingBy: size)
      let start = head / (heads / shared) * size
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
  @Test func everyProcessorHasKernels() {
    #expect(Backend.fastest.name == sets[0].name)
    #expect(sets.last!.name == "plain")
    #expect(Backend(named: "abacus") == nil)
  }

  /// Around one tile and many, one state and many, at several alignments.
  @Test(arguments: sets, [1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129])
  func multiplyEqualsItsPlainForm(backend: Backend, rows: Int) {
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

  @Test(arguments: sets, [Int8(127), -127, -128])
  func theLargestSumsAreExact(backend: Backend, weight: Int8) {
    var random = SplitMix64(seed: 1)
    let product = Product(rows: 17, columns: 1536, batch: 2, most: weight, random: &random)
    let (fast, plain) = product.results(backend)
    #expect(zip(fast, plain).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) })
  }

  @Test(arguments: sets) func statesAreRoundedToTheNearest(backend: Backend) {
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
      // Pairs of both rows take turns.
      let first = elements.indices.filter { $0 % 4 < 2 }.map { elements[$0] }
      let second = elements.indices.filter { $0 % 4 >= 2 }.map { elements[$0] }
      for (element, number) in zip(first, x.prefix(columns)) {
        #expect(abs(Float(element) * scales[0] - number) <= 0.51 * scales[0])
      }
      // A row of nothing, and what is beyond the columns, is 0.
      #expect(second.allSatisfy { $0 == 0 } && scales[1] == 0)
      #expect(first.dropFirst(columns).allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: sets, [(1, 2), (2, 16), (4, 32), (8, 18), (2, 64), (12, 32)])
  func attentionEqualsItsPlainForm(backend: Backend, headsAndSize: (Int, Int)) {
    var random = SplitMix64(seed: 3)
    for (first, count) in [(0, 1), (31, 1), (5, 27), (0, 32), (3, 40), (30, 60), (0, 96)] {
      let attention = Attention(headsAndSize, positions: first + count, random: &random)
      let (found, plain) = (attention.result(backend, first: first), attention.plain(first: first))
      for (found, plain) in zip(found, plain) {
        #expect(abs(Double(found) - plain) < 2e-3, "first \(first), count \(count)")
      }
    }
  }

  /// What a processor can do must not be heard.
  @Test(arguments: sets) func theSameNumbersComeOutOfAllSets(backend: Backend) {
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

  @Test(arguments: sets) func geluIsThatOfTheMathematicsLibrary(backend: Backend) {
    for step in -100...100 {
      let x = Float(step) / 10
      var result = [x]
      backend.gelu(&result, 1)
      let u = 0.797_884_560_802_865 * (Double(x) + 0.044715 * Double(x * x * x))
      #expect(abs(Double(result[0]) - Double(x) * 0.5 * (1 + tanh(u))) < 1e-6)
    }
  }

  @Test func exponentialsAreThoseOfTheMathematicsLibrary() {
    for step in 0...870 {
      let x = -Double(step) / 10
      var shares: [Float] = [Float(x), 0]
      kernel_softmax(&shares, 2, 1)
      let error = abs(Double(shares[0] / shares[1]) / exp(Double(Float(x))) - 1)
      #expect(error < 4e-7 - 7e-8 * x, "e^\(x)")
    }
  }

  @Test func softmaxSumsToOneAndKeepsTheOrder() {
    var shares: [Float] = [1, -200, 3, 500, 499, 2]
    kernel_softmax(&shares, shares.count, 0.5)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-6)
    #expect(shares[3] > shares[4] && shares[4] > shares[2])
    #expect(shares.allSatisfy { $0.isFinite && $0 >= 0 })
  }

  /// Keys and queries, and values, that are all the same: the largest sums there are.
  @Test(arguments: sets, [16, 32, 64, 256])
  func theLargestSumsOfAttentionFit(backend: Backend, size: Int) {
    var random = SplitMix64(seed: 1)
    var attention = Attention((2, size), positions: 544, random: &random)
    attention.queries = attention.queries.map { _ in 1 }
    attention.keys = attention.keys.map { $0.map { _ in -1 } }
    attention.values = attention.values.map { $0.map { _ in -3 } }
    #expect(attention.result(backend, first: 0).allSatisfy { abs($0 + 3) < 1e-4 })
  }

  /// In the first frame, within minutes, after an hour, and after a week.
  @Test(arguments: [0, 1, 17, 511, 28_800, 4_000_001])
  func rotationsAreThoseOfTheMathematicsLibrary(position: Int) {
    for half in [1, 16, 20] {
      var invFreq = [Double](repeating: 0, count: half)
      var (cosines, sines) = (
        [Float](repeating: 0, count: half), [Float](repeating: 0, count: half)
      )
      kernel_inv_freq(&invFreq, 10_000, half)
      kernel_rope_angles(&cosines, &sines, Double(position), invFreq, half)
      for index in 0..<half {
        let speed = pow(10_000, -Double(index) / Double(half))
        #expect(abs(invFreq[index] / speed - 1) < 1e-13)
        let angle = Double(position) * invFreq[index]
        #expect(abs(Double(cosines[index]) - cos(angle)) < 1e-7)
        #expect(abs(Double(sines[index]) - sin(angle)) < 1e-7)
      }
    }
  }
}
