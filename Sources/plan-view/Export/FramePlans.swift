import Chords
import Music
import Records

/// The chords that the plans had for one frame, from the first plan that reached the frame to the
/// plan with which it began.
struct FramePlans: Hashable {
  /// The chord that all plans from one tick on had for the frame, until another one replaced it.
  struct PlannedSymbol: Hashable {
    /// The tick of the first of these plans.
    var tick: Frame
    /// The chord's symbol, as it was spelled last; nil where the plan did not reach the frame any
    /// more.
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
  private(set) var planned: [PlannedSymbol] = []
  /// The first commitment, which is what is played, whatever later plans have.
  private(set) var commitment: Commitment?

  /// Adds the symbol of a plan. True if the plans before had another one.
  mutating func receive(_ symbol: String?, at tick: Frame) -> Bool {
    // A second plan for the same tick replaces the first.
    if let last = planned.last, last.tick == tick { planned.removeLast() }
    let known = planned.last { $0.symbol != nil }?.symbol
    if let last = planned.indices.last, Self.areSame(planned[last].symbol, symbol) {
      planned[last].symbol = symbol
    } else if !planned.isEmpty || symbol != nil {
      planned.append(PlannedSymbol(tick: tick, symbol: symbol))
    }
    return known != nil && symbol != nil && !Self.areSame(known, symbol)
  }

  mutating func commit(_ chord: PlannedChord, symbol: String, at tick: Frame) {
    guard commitment == nil else { return }
    commitment = Commitment(tick: tick, symbol: symbol, onset: chord.from)
  }

  /// The committed chord, or else the chord that was planned last.
  var outcome: String? { commitment?.symbol ?? planned.last { $0.symbol != nil }?.symbol }

  /// How often a plan had another chord than the one before.
  var changes: Int {
    let symbols = planned.compactMap(\.symbol)
    return zip(symbols, symbols.dropFirst()).count { !Self.areSame($0, $1) }
  }

  /// The tick from which on every plan had the outcome; nil if the last plan did not have it.
  var settled: Frame? {
    guard let last = planned.last, Self.areSame(last.symbol, outcome) else { return nil }
    return last.tick
  }

  private static func areSame(_ one: String?, _ other: String?) -> Bool {
    guard let one, let other else { return one == other }
    return ChordSymbol.areSame(one, other)
  }
}
