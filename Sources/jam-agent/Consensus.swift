import Chords
import Transformer

/// Makes one progression of what hypotheses vote for, frame by frame: a chord goes on unless another
/// clearly beats it, the more clearly the less a place in the bar is one for changes. Between beats
/// nothing changes: hypotheses that differ would make chords flicker there.
struct Consensus {
  typealias Spelling = ChordVocabulary.Spelling

  /// How many times the weight of what sounds another chord needs to take its place: at the bar line,
  /// at the middle of the bar, and on other beats.
  var atBarLine = 1.0
  var atHalfBar = 2.0
  var atBeat = 3.0

  /// The chord that follows `sounding` in a frame. Roots are voted for first; then, among the chords
  /// on that root, what exactly it is. A single mind has its way.
  func chord(
    _ votes: Ensemble.Votes, of minds: Int, over sounding: Spelling, at place: MetricalPlace
  ) -> Spelling {
    if minds == 1, let chord = votes.shares.keys.first { return chord }
    guard let margin = margin(place) else { return sounding }
    var roots: [Int: Double] = [:]
    for (chord, share) in votes.shares { roots[chord.root, default: 0] += share }
    var root = sounding.root
    if let best = Self.best(roots, { $0 }), best.share > margin * (roots[root] ?? 0) {
      root = best.choice
    }
    let onRoot = votes.shares.filter { $0.key.root == root }
    guard let best = Self.best(onRoot, Self.order) else { return sounding }
    let kept = root == sounding.root ? onRoot[sounding] ?? 0 : 0
    guard root != sounding.root || best.share > 2 * margin * kept else { return sounding }
    return best.choice
  }

  /// Nil between beats.
  private func margin(_ place: MetricalPlace) -> Double? {
    guard place.place % (place.isCompound ? 6 : 4) == 0 else { return nil }
    if place.place == 0 { return atBarLine }
    return 2 * place.place == place.place + place.left + 1 ? atHalfBar : atBeat
  }

  /// The choice with the largest share; of equals, the first in order.
  private static func best<Choice>(
    _ shares: [Choice: Double], _ order: (Choice) -> Int
  ) -> (choice: Choice, share: Double)? {
    shares.max { ($0.value, order($1.key)) < ($1.value, order($0.key)) }.map { ($0.key, $0.value) }
  }

  private static func order(_ chord: Spelling) -> Int {
    (chord.root * 1024 + chord.quality) * 12 + chord.bass
  }
}
