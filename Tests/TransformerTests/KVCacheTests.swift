import CKernels
import TestSupport
import Testing

@testable import Transformer

/// A KV cache that shows what each row has read: its values are the number of the position and a
/// mark of the writer.
private struct MarkedCache {
  let cache: KVCache
  private static let configuration = try! Configuration(
    json: """
      {"width": 4, "layers": 2, "heads": 2, "key_value_heads": 1, "feed_forward": 4,
      "rotary_base": 100, "norm_epsilon": 1e-5, "longest_bar": 1, "bars_per_phrase": 1,
      "qualities": [""]}
      """)

  init(rows: Int, window: Int = 40, maxRollback: Int = 6) {
    cache = KVCache(
      Self.configuration, capacity: rows, window: window, maxRollback: maxRollback)
  }

  /// Rows read the next position.
  func read(_ rows: [Int], mark: Float = 0) {
    for row in rows { write(row, mark: mark) }
    cache.advance()
  }

  /// Writes the keys and values of a row at the next position.
  func write(_ row: Int, mark: Float) {
    cache.makeWritable(row: row)
    for layer in 0..<2 {
      let numbers = [Float(cache.length), mark + Float(layer)]
      let (block, slot) = cache.slot(layer: layer, row: row)
      Backend.fastest.storeKV(block, slot, numbers, numbers, 1, 2)
    }
  }

  /// The positions and marks that a row's next position attends to, except itself, oldest first.
  /// Expects that keys and values agree.
  func past(_ row: Int, layer: Int = 0) -> [[Float]] {
    cache.makeWritable(row: row)
    let past = cache.context(layer: layer, row: row)
    return (past.first..<past.first + past.count - 1).map { index in
      let block = UnsafeRawPointer(past.blocks[index / KERNEL_BLOCK]! + past.offset)
      let slot = index % KERNEL_BLOCK
      // The two elements of a key lie side by side; the values of two positions alternate.
      let keys = block.assumingMemoryBound(to: Int16.self)
      let values = keys + 2 * KERNEL_BLOCK
      let scales = UnsafeRawPointer(values + 2 * KERNEL_BLOCK).assumingMemoryBound(to: Float.self)
      func numbers(_ first: Int16, _ second: Int16, _ scale: Float) -> [Float] {
        [(Float(first) * scale).rounded(), (Float(second) * scale).rounded() - Float(layer)]
      }
      let value = values + slot / 2 * 4 + slot % 2
      let found = numbers(value[0], value[2], scales[KERNEL_BLOCK + slot])
      #expect(numbers(keys[2 * slot], keys[2 * slot + 1], scales[slot]) == found)
      return found
    }
  }
}

@Suite struct KVCacheTests {
  @Test("a position attends to the window before it")
  func attendsToWindow() {
    let marked = MarkedCache(rows: 2, window: 40)
    for position in 0..<300 {
      let expected = (max(0, position - 39)..<position).map { [Float($0), 0] }
      #expect(marked.past(1) == expected && marked.past(1, layer: 1) == expected)
      marked.read([0, 1])
    }
  }

  @Test("forked rows share blocks until they write to them")
  func copiesOnWrite() {
    let marked = MarkedCache(rows: 4)
    for _ in 0..<40 { marked.read([0]) }
    #expect(marked.cache.blocksInUse == 2)
    for row in 1..<4 { marked.cache.fork(from: 0, to: row) }
    #expect(marked.cache.blocksInUse == 2)
    for row in 0..<4 { marked.write(row, mark: Float(row)) }
    marked.cache.advance()
    #expect(marked.cache.blocksInUse == 5, "all rows still share the first block")
    for row in 0..<4 {
      #expect(marked.past(row).prefix(38) == (2..<40).map { [Float($0), 0] }[...])
      #expect(marked.past(row).last == [40, Float(row)])
    }
  }

  @Test("after a rollback the next positions are overwritten")
  func overwritesAfterRollback() {
    let marked = MarkedCache(rows: 1)
    for position in 0..<100 {
      for _ in 0..<6 { marked.read([0], mark: 9) }
      marked.cache.rollback(to: position)
      #expect(marked.past(0) == (max(0, position - 39)..<position).map { [Float($0), 0] })
      marked.read([0])
    }
  }

  @Test("a row that is reset has no past", arguments: [0, 31, 32, 45])
  func resetRow(position: Int) {
    let marked = MarkedCache(rows: 2)
    for _ in 0..<position { marked.read([0, 1]) }
    marked.cache.reset(row: 1)
    #expect(marked.past(1).isEmpty)
    for _ in 0..<3 { marked.read([0, 1]) }
    #expect(marked.past(1) == (position..<position + 3).map { [Float($0), 0] })
  }

  /// At each position every row has the past that is expected of it; at the end no block is in use.
  @Test("random forks, resets and rollbacks neither lose nor mix up blocks", arguments: 1...5)
  func randomOperations(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let (batch, window) = (5, 40)
    let marked = MarkedCache(rows: batch, window: window)
    let cache = marked.cache
    var pasts = [[[Float]]](repeating: [], count: batch)
    for position in 0..<1500 {
      switch Int.random(in: 0..<12, using: &random) {
      case 0..<3:
        let (from, to) = (
          Int.random(in: 0..<batch, using: &random), Int.random(in: 0..<batch, using: &random)
        )
        cache.fork(from: from, to: to)
        pasts[to] = pasts[from]
      case 3:
        let row = Int.random(in: 0..<batch, using: &random)
        cache.reset(row: row)
        pasts[row] = []
      case 4..<8:
        let rolledOut = (0..<batch).shuffled(using: &random).prefix(3)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          marked.read(Array(rolledOut), mark: -9)
        }
        cache.rollback(to: position)
      default: break
      }
      for row in 0..<batch {
        #expect(marked.past(row) == Array(pasts[row].suffix(window - 1)), "seed \(seed)")
        marked.write(row, mark: Float(row * 100))
        pasts[row].append([Float(position), Float(row * 100)])
      }
      cache.advance()
    }
    for row in 0..<batch { cache.reset(row: row) }
    #expect(cache.blocksInUse == 0)
  }
}
