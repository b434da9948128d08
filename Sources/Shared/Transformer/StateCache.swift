/// The inputs that each row read at its latest positions, and the states that the network computed
/// from them. Where the music goes on as in a rollout, nothing is computed twice.
///
/// A state is what the heads read: the output of the last norm, of shape (D).
final class StateCache {
  /// Positions kept for each row.
  private let span: Int
  private let width: Int
  private let states: Buffer  // (capacity, span, D)
  private let inputs: UnsafeMutablePointer<FrameInput>  // (capacity, span)
  private let count: Int
  /// The position after the last one that is known, for each row.
  private let knownEnd: UnsafeMutablePointer<Int>

  /// - Parameter maxRollback: how many positions a row reads in a rollout at most.
  init(capacity: Int, width: Int, maxRollback: Int) {
    (span, self.width, count) = (maxRollback + 1, width, capacity * (maxRollback + 1))
    states = Buffer(uninitialised: count * width)
    inputs = .allocate(capacity: count)
    let place = MetricalPlace(place: 0, length: 1, bar: 0, meter: .fourFour)
    inputs.initialize(repeating: FrameInput(before: nil, place: place), count: count)
    knownEnd = .allocate(capacity: capacity)
    knownEnd.initialize(repeating: 0, count: capacity)
  }

  deinit {
    inputs.deinitialize(count: count)
    inputs.deallocate()
    knownEnd.deallocate()
  }

  /// The state of a row at a position, of shape (D).
  func state(row: Int, at position: Int) -> UnsafeMutablePointer<Float> {
    states.row(slot(row, position), width)
  }

  /// Enters a row's input at a position. Returns true if the row has read the same there before, so
  /// that its state is known; else the state has to be computed, and later ones are forgotten.
  func enter(_ input: FrameInput, row: Int, at position: Int) -> Bool {
    precondition(
      position <= knownEnd[row], "a row that skipped positions was neither forked nor reset")
    let slot = slot(row, position)
    if position < knownEnd[row], inputs[slot] == input { return true }
    inputs[slot] = input
    knownEnd[row] = position + 1
    return false
  }

  /// Forgets a row's states from a position on.
  func reset(row: Int, at position: Int) { knownEnd[row] = position }

  /// Gives `child` the state of `parent` at the position before `position`.
  func fork(from parent: Int, to child: Int, at position: Int) {
    knownEnd[child] = position
    guard position > 0 else { return }
    state(row: child, at: position - 1).update(
      from: state(row: parent, at: position - 1), count: width)
  }

  private func slot(_ row: Int, _ position: Int) -> Int { row * span + position % span }
}
