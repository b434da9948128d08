import CKernels

/// The keys and values of the positions that each row has read, for every layer.
///
/// They lie in blocks of KERNEL_BLOCK positions (PagedAttention; Kwon et al. 2023). Rows with a
/// common past share its blocks, which are reference-counted and copied when a row writes to them.
/// So a fork copies a table of blocks, not their content.
///
/// Positions count up without end; blocks that no position can attend to any more are used again. A
/// rollback costs nothing: what was written beyond the position stays until it is overwritten.
///
/// Real-time: allocates only when it is made.
final class KVCache {
  typealias Block = Int32

  /// Positions that a position attends to, itself included.
  let window: Int
  /// The most positions that a rollback takes back.
  let maxRollback: Int
  /// How many rows there are.
  let capacity: Int
  /// Positions read so far; the position that is read next.
  private(set) var length = 0

  static let blockSize = KERNEL_BLOCK

  /// The length of a row's table of blocks.
  let blocksPerRow: Int
  /// The size in bytes of one layer's keys and values in a block, and of all layers'.
  private let layerStride: Int
  private let blockStride: Int
  private let pool: UnsafeMutableRawPointer
  /// How many rows share each block.
  private let refCounts: UnsafeMutablePointer<Int32>
  /// A stack of the blocks that no row uses.
  private let freeList: UnsafeMutablePointer<Block>
  private var freeCount: Int
  /// (capacity, blocksPerRow): each row's blocks, and their addresses.
  private let blocks: UnsafeMutablePointer<Block>
  private let addresses: UnsafeMutablePointer<UnsafePointer<UInt8>?>
  private let tables: UnsafeMutablePointer<Table>

  /// Which positions a row's table of blocks covers.
  private struct Table {
    /// The row's first position.
    var start = 0
    /// The number of the first block: it covers the positions from `firstBlock` · blockSize on.
    var firstBlock = 0
    var count = 0
  }

  init(_ c: Configuration, capacity: Int, window: Int, maxRollback: Int) {
    (self.capacity, self.window, self.maxRollback) = (capacity, window, maxRollback)
    blocksPerRow = (window + maxRollback) / Self.blockSize + 2
    layerStride = kernel_block_bytes(c.keyValueHeads, c.headSize)
    blockStride = c.layers * layerStride
    let blockCount = capacity * blocksPerRow
    // Pages that are never written to take no memory.
    pool = .allocate(byteCount: blockCount * blockStride, alignment: 64)
    refCounts = .allocate(capacity: blockCount)
    refCounts.initialize(repeating: 0, count: blockCount)
    freeList = .allocate(capacity: blockCount)
    for index in 0..<blockCount { (freeList + index).initialize(to: Block(blockCount - 1 - index)) }
    freeCount = blockCount
    blocks = .allocate(capacity: blockCount)
    blocks.initialize(repeating: 0, count: blockCount)
    addresses = .allocate(capacity: blockCount)
    addresses.initialize(repeating: nil, count: blockCount)
    tables = .allocate(capacity: capacity)
    tables.initialize(repeating: Table(), count: capacity)
  }

  deinit {
    pool.deallocate()
    refCounts.deallocate()
    freeList.deallocate()
    blocks.deallocate()
    addresses.deallocate()
    tables.deallocate()
  }

  /// How many blocks are in use; a shared block counts once.
  var blocksInUse: Int { capacity * blocksPerRow - freeCount }

  // MARK: Reading and writing

  /// Makes the block of a row's position `length` writable: takes a new block or, where rows share
  /// one, copies it (copy on write). Must be called before anything of the position is written.
  func makeWritable(row: Int) {
    let number = length / Self.blockSize
    releaseExpiredBlocks(row)
    let index = number - tables[row].firstBlock
    precondition(index <= tables[row].count, "a position was skipped")
    let entry = row * blocksPerRow + index
    if index == tables[row].count {
      take(entry)
      tables[row].count += 1
    } else if refCounts[Int(blocks[entry])] > 1 {
      let shared = blocks[entry]
      take(entry)
      (pool + Int(blocks[entry]) * blockStride).copyMemory(
        from: pool + Int(shared) * blockStride, byteCount: blockStride)
      refCounts[Int(shared)] -= 1
    }
  }

  /// Where the key and value of a row's position `length` are stored in a layer: the layer's part
  /// of a block, and the slot in it.
  func slot(layer: Int, row: Int) -> (block: UnsafeMutableRawPointer, slot: Int) {
    let (number, slot) = length.quotientAndRemainder(dividingBy: Self.blockSize)
    let block = blocks[row * blocksPerRow + number - tables[row].firstBlock]
    return (pool + Int(block) * blockStride + layer * layerStride, slot)
  }

  /// What a row's position `length` attends to in a layer: itself and the positions before it.
  func context(layer: Int, row: Int) -> KernelContext {
    let first = max(tables[row].start, length + 1 - window)
    let offset = first - tables[row].firstBlock * Self.blockSize
    return KernelContext(
      blocks: addresses + row * blocksPerRow + offset / Self.blockSize,
      offset: layer * layerStride, first: offset % Self.blockSize, count: length + 1 - first)
  }

  /// Goes on to the next position.
  func advance() { length += 1 }

  // MARK: Operations on rows

  /// Forgets a row's past: it attends to nothing before `length`.
  func reset(row: Int) {
    releaseAll(row)
    tables[row] = Table(start: length, firstBlock: length / Self.blockSize)
  }

  /// Gives `child` the past of `parent` by sharing its blocks, without what lies beyond `length`.
  func fork(from parent: Int, to child: Int) {
    guard child != parent else { return }
    releaseAll(child)
    tables[child] = tables[parent]
    let blocksRead = (length + Self.blockSize - 1) / Self.blockSize
    tables[child].count = min(tables[child].count, blocksRead - tables[child].firstBlock)
    let (to, from) = (child * blocksPerRow, parent * blocksPerRow)
    (blocks + to).update(from: blocks + from, count: tables[child].count)
    (addresses + to).update(from: addresses + from, count: tables[child].count)
    for index in 0..<tables[child].count { refCounts[Int(blocks[to + index])] += 1 }
  }

  /// Returns to an earlier position, at most `maxRollback` positions back.
  func rollback(to position: Int) {
    precondition(position <= length && length - position <= maxRollback)
    length = position
  }

  // MARK: Blocks

  /// Releases the blocks that no position can attend to, even after the longest rollback.
  private func releaseExpiredBlocks(_ row: Int) {
    let first = (length + 1 - window - maxRollback) / Self.blockSize
    let expired = min(first - tables[row].firstBlock, tables[row].count)
    guard expired > 0 else { return }
    let (entry, kept) = (row * blocksPerRow, tables[row].count - expired)
    for index in 0..<expired { release(blocks[entry + index]) }
    (blocks + entry).update(from: blocks + entry + expired, count: kept)
    (addresses + entry).update(from: addresses + entry + expired, count: kept)
    tables[row].firstBlock += expired
    tables[row].count = kept
  }

  private func releaseAll(_ row: Int) {
    for index in 0..<tables[row].count { release(blocks[row * blocksPerRow + index]) }
    tables[row].count = 0
  }

  /// Takes a free block. There always is one: no row has more than `blocksPerRow`.
  private func take(_ entry: Int) {
    freeCount -= 1
    let block = freeList[freeCount]
    refCounts[Int(block)] = 1
    blocks[entry] = block
    addresses[entry] = UnsafePointer(
      (pool + Int(block) * blockStride).assumingMemoryBound(to: UInt8.self))
  }

  private func release(_ block: Block) {
    refCounts[Int(block)] -= 1
    guard refCounts[Int(block)] == 0 else { return }
    freeList[freeCount] = block
    freeCount += 1
  }
}
