import Music
import TestSupport
import Testing

@testable import RealTime

@Suite struct StreamClockTests {
  @Test("takes time 0 of a stream of this machine from its header")
  func aStreamOfThisMachineSaysWhereItsTimeIs() {
    var clock = StreamClock(epoch: Microseconds(5_000_000))
    let time = clock.clockTime(of: .zero, now: Microseconds(5_200_000))
    #expect(time == Microseconds(5_000_000))
    for tick in 1..<100 {
      let streamTime = Int64(tick) * 125_000
      clock.arrived(Microseconds(streamTime), now: Microseconds(5_300_000 + streamTime))
    }
    #expect(clock.zero == Microseconds(5_000_000))
  }

  /// The other machine was switched on at almost the same moment. A record that comes before its
  /// time was stamped by another clock.
  @Test("takes a stream that is ahead of its time for another machine's")
  func aStreamThatIsAheadOfItsTimeIsFromElsewhere() {
    var clock = StreamClock(epoch: Microseconds(5_000_000))
    _ = clock.clockTime(of: .zero, now: Microseconds(5_100_000))
    for tick in 1..<200 {
      let streamTime = Int64(tick) * 125_000
      clock.arrived(Microseconds(streamTime), now: Microseconds(4_960_000 + streamTime))
    }
    #expect(clock.zero == Microseconds(4_960_000))
  }

  /// An agent takes three seconds to load its model. Then all records so far come at once, and the
  /// others on time.
  @Test(
    "catches up with a stream whose first records came late",
    arguments: [Int64?.some(5_000_000), 1, nil])
  func aStreamThatBeginsLateCatchesUp(epoch: Int64?) throws {
    var clock = StreamClock(epoch: epoch.map { Microseconds($0) })
    let ready: Int64 = 8_000_000
    for tick in 0..<40 {
      let streamTime = Int64(tick) * 125_000
      let now = max(5_000_000 + streamTime + 700, ready)
      _ = clock.clockTime(of: Microseconds(streamTime), now: Microseconds(now))
      // Records that are already in the pipe are not reported as arrivals.
      if now > ready { clock.arrived(Microseconds(streamTime), now: Microseconds(now)) }
    }
    #expect(clock.zero == Microseconds(epoch == 5_000_000 ? 5_000_000 : 5_000_700))
  }

  /// The other machine is 40 to 60 ms away, and its clock is 50 ppm faster. It is followed for an
  /// hour.
  @Test("follows the earliest arrivals of another machine's stream")
  func aStreamFromElsewhereIsFollowedByWhatComesEarliest() {
    var random = SplitMix64(seed: 3)
    var clock = StreamClock(epoch: Microseconds(1))
    var worst: Int64 = 0
    for tick in 0..<28_800 {
      let streamTime = Int64(tick) * 125_000
      let sent = 900_000_000 + Int64(Double(streamTime) / 1.00005)
      let now = sent + 40_000 + Int64.random(in: 0..<20_000, using: &random)
      _ = clock.clockTime(of: Microseconds(streamTime), now: Microseconds(now))
      clock.arrived(Microseconds(streamTime), now: Microseconds(now))
      guard tick > 80 else { continue }
      let played = clock.zero!.rawValue + streamTime
      worst = max(worst, abs(played - (sent + 40_000)))
    }
    #expect(worst < 4_000, "\(worst)")
  }

  @Test("plays a recording that comes all at once at its own tempo")
  func aRecordingThatComesAllAtOnceDoesNotHurry() {
    var clock = StreamClock(epoch: nil)
    _ = clock.clockTime(of: .zero, now: Microseconds(1000))
    for tick in 0..<100 {
      clock.arrived(Microseconds(Int64(tick) * 125_000 + 500_000), now: Microseconds(2000))
    }
    #expect(clock.zero == Microseconds(1000))
  }

  /// A second of the recording comes in every half second.
  @Test("plays a recording that comes twice as fast at its own tempo")
  func aRecordingThatComesTwiceAsFastDoesNotHurry() {
    var clock = StreamClock(epoch: nil)
    _ = clock.clockTime(of: .zero, now: Microseconds(1000))
    for tick in 0..<100 {
      let now = 1000 + Int64(tick) * 62_500
      clock.arrived(Microseconds(Int64(tick) * 125_000), now: Microseconds(now))
    }
    #expect(clock.zero! > Microseconds(-150_000))
  }

  /// The sender is stopped for ten seconds, and continues where it was.
  @Test("follows a stream again after it stood still")
  func aStreamThatStoodStillIsFollowedAgain() {
    var clock = StreamClock(epoch: nil)
    _ = clock.clockTime(of: .zero, now: Microseconds(1000))
    for tick in 0..<108 {
      let now = 1000 + Int64(tick) * 125_000 + (tick < 100 ? 0 : 10_000_000)
      clock.arrived(Microseconds(Int64(tick) * 125_000), now: Microseconds(now))
    }
    #expect(clock.zero == Microseconds(10_001_000))
  }
}
