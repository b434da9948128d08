import CKernels

/// The keys and values of the frames that each row of the batch has read, for every layer.
///
/// They lie in blocks of KERNEL_BLOCK positions. Rows with a common past share its blocks, which are
/// counted, and copied only where one of the rows writes: to copy a row is to copy its table.
///
/// Positions go on for ever, and blocks that no frame can look back on any more are used again. Going
/// back to an earlier position costs nothing, so what was imagined is taken back after every plan; what
/// was written there stays until something else is.
///
/// Real-time: once made, it allocates nothing.
final class Cache {
  typealias Block = Int32

  /// Positions that a frame can attend to: itself and those before it.
  let window: Int
  /// The most positions that are taken back at once.
  let imagined: Int
  /// B.
  let batch: Int
  /// Positions read so far.
  private(set) var length = 0

  static let blockSize = KERNEL_BLOCK

  /// Positions a row has room for, in blocks.
  let blocksPerRow: Int
  /// Bytes of a layer's keys and values in a block, and of all layers'.
  private let layerStride: Int
  private let blockStride: Int
  private let pool: UnsafeMutableRawPointer
  /// How many rows have each block in their table.
  private let owners: UnsafeMutablePointer<Int32>
  /// Blocks that no row has, as a stack.
  private let free: UnsafeMutablePointer<Block>
  private var freeCount: Int
  /// (B, blocksPerRow): the blocks of each row, and where they lie.
  private let blocks: UnsafeMutablePointer<Block>
  private let places: UnsafeMutablePointer<UnsafePointer<UInt8>?>
  private let rows: UnsafeMutablePointer<Row>

  private struct Row {
    /// The position that it begins with.
    var start = 0
    /// The number of its table's first block: the one of the positions from so many blocks on.
    var firstBlock = 0
    var count = 0
  }

  init(_ c: Configuration, batch: Int, window: Int, imagined: Int) {
    (self.batch, self.window, self.imagined) = (batch, window, imagined)
    blocksPerRow = (window + imagined) / Self.blockSize + 2
    layerStride = kernel_block_bytes(c.keyValueHeads, c.headSize)
    blockStride = c.layers * layerStride
    let blockCount = batch * blocksPerRow
    // Pages that are never written to take no memory.
    pool = .allocate(byteCount: blockCount * blockStride, alignment: 64)
    owners = .allocate(capacity: blockCount)
    owners.initialize(repeating: 0, count: blockCount)
    free = .allocate(capacity: blockCount)
    for index in 0..<blockCount { (free + index).initialize(to: Block(blockCount - 1 - index)) }
    freeCount = blockCount
    blocks = .allocate(capacity: blockCount)
    blocks.initialize(repeating: 0, count: blockCount)
    places = .allocate(capacity: blockCount)
    places.initialize(repeating: nil, count: blockCount)
    rows = .allocate(capacity: batch)
    rows.initialize(repeating: Row(), count: batch)
  }

  deinit {
    pool.deallocate()
    owners.deallocate()
    free.deallocate()
    blocks.deallocate()
    places.deallocate()
    rows.deallocate()
  }

  /// Blocks that rows have, each counted once.
  var blocksInUse: Int { batch * blocksPerRow - freeCount }

  // MARK: Reading and writing

  /// Makes room for a row's position at `length`: before anything of it is written.
  func prepare(row: Int) {
    let number = length / Self.blockSize
    dropWhatIsOutOfSight(row)
    let index = number - rows[row].firstBlock
    precondition(index <= rows[row].count, "a position was passed over")
    let entry = row * blocksPerRow + index
    if index == rows[row].count {
      take(entry)
      rows[row].count += 1
    } else if owners[Int(blocks[entry])] > 1 {
      let shared = blocks[entry]
      take(entry)
      (pool + Int(blocks[entry]) * blockStride).copyMemory(
        from: pool + Int(shared) * blockStride, byteCount: blockStride)
      owners[Int(shared)] -= 1
    }
  }

  /// Where a row's position at `length` has its key and value in a layer: the layer's part of a block,
  /// and the position's number there.
  func place(layer: Int, row: Int) -> (block: UnsafeMutableRawPointer, slot: Int) {
    let (number, slot) = length.quotientAndRemainder(dividingBy: Self.blockSize)
    let block = blocks[row * blocksPerRow + number - rows[row].firstBlock]
    return (pool + Int(block) * blockStride + layer * layerStride, slot)
  }

  /// What a row's position at `length` attends to in a layer: itself and what came before.
  func past(layer: Int, row: Int) -> KernelPast {
    let first = max(rows[row].start, length + 1 - window)
    let offset = first - rows[row].firstBlock * Self.blockSize
    return KernelPast(
      blocks: places + row * blocksPerRow + offset / Self.blockSize,
      offset: layer * layerStride, first: offset % Self.blockSize, count: length + 1 - first)
  }

  func advance() { length += 1 }

  // MARK: Going elsewhere

  /// A row begins anew at `length`: it attends to nothing before.
  func begin(row: Int) {
    release(row)
    rows[row] = Row(start: length, firstBlock: length / Self.blockSize)
  }

  /// Gives a row the past of another, but nothing of what that has imagined.
  func copy(row other: Int, to row: Int) {
    guard row != other else { return }
    release(row)
    rows[row] = rows[other]
    let blocksRead = (length + Self.blockSize - 1) / Self.blockSize
    rows[row].count = min(rows[row].count, blocksRead - rows[row].firstBlock)
    let (to, from) = (row * blocksPerRow, other * blocksPerRow)
    (blocks + to).update(from: blocks + from, count: rows[row].count)
    (places + to).update(from: places + from, count: rows[row].count)
    for index in 0..<rows[row].count { owners[Int(blocks[to + index])] += 1 }
  }

  /// Goes back to a position: by `imagined` positions at most.
  func goBack(to position: Int) {
    precondition(position <= length && length - position <= imagined)
    length = position
  }

  // MARK: Blocks

  /// Lets go of blocks that no frame can attend to any more, even if as many as possible are taken
  /// back.
  private func dropWhatIsOutOfSight(_ row: Int) {
    let first = (length + 1 - window - imagined) / Self.blockSize
    let dropped = min(first - rows[row].firstBlock, rows[row].count)
    guard dropped > 0 else { return }
    let (entry, kept) = (row * blocksPerRow, rows[row].count - dropped)
    for index in 0..<dropped { letGo(blocks[entry + index]) }
    (blocks + entry).update(from: blocks + entry + dropped, count: kept)
    (places + entry).update(from: places + entry + dropped, count: kept)
    rows[row].firstBlock += dropped
    rows[row].count = kept
  }

  private func release(_ row: Int) {
    for index in 0..<rows[row].count { letGo(blocks[row * blocksPerRow + index]) }
    rows[row].count = 0
  }

  /// There is always one: rows have no more than their room, and those that share have fewer.
  private func take(_ entry: Int) {
    freeCount -= 1
    let block = free[freeCount]
    owners[Int(block)] = 1
    blocks[entry] = block
    places[entry] = UnsafePointer(
      (pool + Int(block) * blockStride).assumingMemoryBound(to: UInt8.self))
  }

  private func letGo(_ block: Block) {
    owners[Int(block)] -= 1
    guard owners[Int(block)] == 0 else { return }
    free[freeCount] = block
    freeCount += 1
  }
}
