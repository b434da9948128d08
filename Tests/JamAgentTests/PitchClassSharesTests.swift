import Chords
import Testing

@testable import jam_agent

@Suite struct PitchClassSharesTests {
  private let c = PitchClassSet(rawValue: 1)
  private let g = PitchClassSet(rawValue: 1 << 7)
  private let cAndG = PitchClassSet(rawValue: 1 | 1 << 7)

  @Test func ofNothingThereIsNoShare() {
    #expect(PitchClassShares().share(of: c) == nil)
  }

  @Test func whatFallsOnAnyOfThem() {
    var shares = PitchClassShares()
    shares.add(3, to: c)
    shares.add(1, to: g)
    #expect(shares.share(of: c) == 0.75)
    #expect(shares.share(of: cAndG) == 1)
    #expect(shares.share(of: PitchClassSet(rawValue: 2)) == 0)
    shares += shares
    #expect(shares.share(of: g) == 0.25)
  }

  /// As votes for a chord are for each of its tones.
  @Test func oneThingFallsOnSeveral() {
    var shares = PitchClassShares()
    shares.add(1, to: cAndG)
    shares.add(1, to: g)
    #expect(shares.share(of: g) == 1)
    #expect(shares.share(of: c) == 0.5)
  }
}
