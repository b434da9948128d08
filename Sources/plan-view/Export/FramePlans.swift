import Music
import Records

/// What the plans have said about one frame, from the first that reached it to the one with which
/// it began.
struct FramePlans: Hashable {
  /// What the plans said from one tick to the next opinion.
  struct Opinion: Hashable {
    /// The tick of the first of these plans.
    var tick: Frame
    /// The chord's symbol; nil where the plan did not reach the frame any more.
    var symbol: String?
  }

  /// How a plan committed the frame.
  struct Commitment: Hashable {
    /// The tick of that plan.
    var tick: Frame
    var symbol: String
    /// The frame in which the chord begins.
    var onset: Frame
  }

  /// In order of ticks; two in a row always differ.
  private(set) var opinions: [Opinion] = []
  /// The first commitment, which is what is played, whatever a plan says later.
  private(set) var commitment: Commitment?

  /// Adds what a plan says. True if it is another chord than the plan before said.
  mutating func receive(_ symbol: String?, at tick: Frame) -> Bool {
    // A second plan for the same tick replaces the first.
    if let last = opinions.last, last.tick == tick { opinions.removeLast() }
    let known = opinions.last { $0.symbol != nil }?.symbol
    if opinions.isEmpty ? symbol != nil : opinions.last?.symbol != symbol {
      opinions.append(Opinion(tick: tick, symbol: symbol))
    }
    return known != nil && symbol != nil && known != symbol
  }

  mutating func commit(_ chord: PlannedChord, symbol: String, at tick: Frame) {
    guard commitment == nil else { return }
    commitment = Commitment(tick: tick, symbol: symbol, onset: chord.from)
  }

  /// The committed chord, or else the chord that was planned last.
  var outcome: String? { commitment?.symbol ?? opinions.last { $0.symbol != nil }?.symbol }

  /// How often a plan had another chord than the one before.
  var changes: Int {
    let planned = opinions.compactMap(\.symbol)
    return zip(planned, planned.dropFirst()).count { $0 != $1 }
  }

  /// The tick from which on every plan had the outcome; nil if the last plan did not have it.
  var settled: Frame? {
    guard let last = opinions.last, last.symbol == outcome else { return nil }
    return last.tick
  }
}
