/// The keys and values of the frames that the network has read, for every layer and each row of the
/// batch.
///
/// Positions go on for ever; the latest `capacity` are kept, in a ring. Going back to an earlier
/// position costs nothing, so what was imagined is taken back after every plan.
final class Cache {
  /// Positions that a frame can attend to: itself and those before it.
  let window: Int
  /// The window, and room for what is imagined beyond it.
  let capacity: Int
  /// B.
  let batch: Int
  /// Positions read so far.
  private(set) var length = 0
  /// The position that each row begins with.
  private var starts: [Int]
  private let stride: Int
  private let layers: Int
  private let storage: UnsafeMutablePointer<Float>

  init(_ c: Configuration, batch: Int, window: Int, imagined: Int) {
    self.window = window
    self.batch = batch
    capacity = window + imagined
    layers = c.layers
    stride = c.keyValueWidth
    starts = Array(repeating: 0, count: batch)
    storage = .allocate(capacity: 2 * c.layers * batch * capacity * stride)
    storage.initialize(repeating: 0, count: 2 * c.layers * batch * capacity * stride)
  }

  deinit { storage.deallocate() }

  /// The positions that a row's one at `length` attends to, as the ring's first slot and their number.
  func attended(row: Int) -> (first: Int, count: Int) {
    let count = min(length - starts[row] + 1, window)
    return ((length + 1 - count) % capacity, count)
  }

  /// A row begins anew at `length`: it attends to nothing before.
  func begin(row: Int) { starts[row] = length }

  /// The ring of a row's keys in a layer: (G · K, capacity). An element of all positions lies side by
  /// side, since they are multiplied with one number of the query.
  func keys(layer: Int, row: Int) -> UnsafeMutablePointer<Float> {
    storage + (2 * layer * batch + row) * capacity * stride
  }

  /// The ring of a row's values in a layer: (capacity, G · K).
  func values(layer: Int, row: Int) -> UnsafeMutablePointer<Float> {
    storage + ((2 * layer + 1) * batch + row) * capacity * stride
  }

  /// Writes the key and the value of the position at `length`, (G · K) each.
  func write(
    key: UnsafePointer<Float>, value: UnsafePointer<Float>, layer: Int, row: Int
  ) {
    let slot = length % capacity
    let keys = keys(layer: layer, row: row) + slot
    for element in 0..<stride { keys[element * capacity] = key[element] }
    (values(layer: layer, row: row) + slot * stride).update(from: value, count: stride)
  }

  func advance() { length += 1 }

  /// Gives a row the keys and values of another.
  func copy(row other: Int, to row: Int) {
    starts[row] = starts[other]
    let count = capacity * stride
    for layer in 0..<layers {
      keys(layer: layer, row: row).update(from: keys(layer: layer, row: other), count: count)
      values(layer: layer, row: row).update(from: values(layer: layer, row: other), count: count)
    }
  }

  /// Forgets what was read at `position` and after it. No more than `capacity - window` positions
  /// can be taken back once the window is full: those before them have been written over.
  func rollBack(to position: Int) {
    precondition(
      position <= length && (length - position <= capacity - window || length <= capacity))
    length = position
  }
}
