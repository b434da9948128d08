import Music
import Records

/// What the plans said of one frame, from the first that spoke of it to the one with which it began.
struct FrameHistory: Hashable {
  /// What one plan, and those after it up to the next opinion, said.
  struct Opinion: Hashable {
    /// The tick of that plan.
    var tick: Frame
    /// The chord's symbol; nil where the frame was not planned any more.
    var symbol: String?
  }

  struct Promise: Hashable {
    /// The tick of the plan that promised it.
    var tick: Frame
    var symbol: String
    /// Where the chord begins that lasts in this frame.
    var strike: Frame
  }

  /// In order of ticks; two in a row are never the same.
  private(set) var opinions: [Opinion] = []
  /// The first one; what is promised is played, whatever a plan says later.
  private(set) var promise: Promise?

  /// Takes what a plan says. True if it is another chord than the one said before.
  mutating func hear(_ symbol: String?, at tick: Frame) -> Bool {
    // A second plan for the same tick replaces the first.
    if let last = opinions.last, last.tick == tick { opinions.removeLast() }
    let known = opinions.last { $0.symbol != nil }?.symbol
    if opinions.isEmpty ? symbol != nil : opinions.last?.symbol != symbol {
      opinions.append(Opinion(tick: tick, symbol: symbol))
    }
    return known != nil && symbol != nil && known != symbol
  }

  mutating func promise(_ chord: PlannedChord, symbol: String, at tick: Frame) {
    guard promise == nil else { return }
    promise = Promise(tick: tick, symbol: symbol, strike: chord.from)
  }

  /// What was promised, or else the last that was said.
  var outcome: String? { promise?.symbol ?? opinions.last { $0.symbol != nil }?.symbol }

  /// How often another chord was said than before.
  var changes: Int {
    let said = opinions.compactMap(\.symbol)
    return zip(said, said.dropFirst()).count { $0 != $1 }
  }

  /// The tick from which on it was said what came of it; nil if it was not said in the end.
  var settled: Frame? {
    guard let last = opinions.last, last.symbol == outcome else { return nil }
    return last.tick
  }
}
