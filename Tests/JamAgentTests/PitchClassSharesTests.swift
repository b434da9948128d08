import Chords
import Testing

@testable import jam_agent

@Suite struct PitchClassSharesTests {
  private let c = PitchClassSet(rawValue: 1)
  private let g = PitchClassSet(rawValue: 1 << 7)
  private let cAndG = PitchClassSet(rawValue: 1 | 1 << 7)

  @Test("without any amounts there is no share")
  func noShareOfNothing() {
    #expect(PitchClassShares().share(of: c) == nil)
  }

  @Test("the share of a set is the sum of its pitch classes' shares")
  func sumsOverSet() {
    var shares = PitchClassShares()
    shares.add(3, to: c)
    shares.add(1, to: g)
    #expect(shares.share(of: c) == 0.75)
    #expect(shares.share(of: cAndG) == 1)
    #expect(shares.share(of: PitchClassSet(rawValue: 2)) == 0)
    shares += shares
    #expect(shares.share(of: g) == 0.25)
  }

  /// A vote for a chord counts for each of its tones.
  @Test("an amount for several pitch classes counts once towards the total")
  func countsOnceInTotal() {
    var shares = PitchClassShares()
    shares.add(1, to: cAndG)
    shares.add(1, to: g)
    #expect(shares.share(of: g) == 1)
    #expect(shares.share(of: c) == 0.5)
  }
}
