/// What each row of a batch has read at its latest position and those beyond, and what came of it: so
/// that nothing is calculated twice where music goes on as it was imagined.
///
/// A state is that after the last norm, (D): what the heads read.
final class Readings {
  /// Positions that are kept of a row.
  private let span: Int
  private let width: Int
  private let states: Buffer  // (B, span, D)
  private let inputs: UnsafeMutablePointer<FrameInput>  // (B, span)
  private let count: Int
  /// The position before which each row's are known.
  private let known: UnsafeMutablePointer<Int>

  /// - Parameter imagined: how many positions beyond its latest a row can have read.
  init(batch: Int, width: Int, imagined: Int) {
    (span, self.width, count) = (imagined + 1, width, batch * (imagined + 1))
    states = Buffer(count * width)
    inputs = .allocate(capacity: count)
    let place = MetricalPlace(place: 0, length: 1, bar: 0, meter: .fourFour)
    inputs.initialize(repeating: FrameInput(before: nil, place: place), count: count)
    known = .allocate(capacity: batch)
    known.initialize(repeating: 0, count: batch)
  }

  deinit {
    inputs.deinitialize(count: count)
    inputs.deallocate()
    known.deallocate()
  }

  func state(row: Int, at position: Int) -> UnsafeMutablePointer<Float> {
    states.row(slot(row, position), width)
  }

  /// A row reads an input. Returns whether it has read the same there before; else what it knew from
  /// there on is forgotten, and its state is to be filled in.
  func take(_ input: FrameInput, row: Int, at position: Int) -> Bool {
    let slot = slot(row, position)
    if position < known[row], inputs[slot] == input { return true }
    inputs[slot] = input
    known[row] = position + 1
    return false
  }

  /// What a row has read from a position on is not what it would read there.
  func forget(row: Int, from position: Int) { known[row] = min(known[row], position) }

  /// Gives a row what came of what another has read at the position before this one.
  func copy(row other: Int, to row: Int, before position: Int) {
    known[row] = position
    guard position > 0 else { return }
    state(row: row, at: position - 1).update(
      from: state(row: other, at: position - 1), count: width)
  }

  private func slot(_ row: Int, _ position: Int) -> Int { row * span + position % span }
}
