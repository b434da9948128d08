import Music
import Testing

@testable import MidiFile

@Suite struct TempoMapTests {
  static func file(_ events: [(Int, MidiEvent)], ticksPerQuarter: Int = 480) -> MidiFile {
    MidiFile(
      ticksPerQuarter: ticksPerQuarter,
      tracks: [events.map { TimedEvent(tick: $0.0, event: $0.1) }])
  }

  @Test(
    "follows tempo changes",
    arguments: [
      (0, 0), (480, 500_000), (960, 1_000_000), (1440, 1_250_000), (1441, 1_250_521),
      (1920, 1_500_000),
    ]) func followsTempoChanges(tick: Int, time: Int64)
  {
    let map = TempoMap(Self.file([(960, .tempo(microsecondsPerQuarter: 250_000))]))
    #expect(map.time(of: tick) == Microseconds(time))
  }

  /// The tempo changes at every tick, and no tick is a whole number of microseconds long.
  @Test("never drifts, however long the file is")
  func neverDrifts() {
    let changes = (0..<10_000).map { ($0, MidiEvent.tempo(microsecondsPerQuarter: 500_001)) }
    let map = TempoMap(Self.file(changes, ticksPerQuarter: 7))
    #expect(map.changes.count == 10_000)
    #expect(map.time(of: 70_000) == Microseconds(10_000 * 500_001))
  }

  @Test(
    "finds the round tempo that a file was written with",
    arguments: [
      (500_000, 120), (434_783, 138), (600_000, 100), (461_538, 130), (333_333, 180),
      (488_599, 122.8), (222_223, 269.999), (16_777_215, 60_000_000.0 / 16_777_215),
      (1, 60_000_000),
    ] as [(Int, Double)]) func findsTheTempoThatWasMeant(
      microsecondsPerQuarter: Int, beatsPerMinute: Double
    )
  {
    let map = TempoMap(
      Self.file([(0, .tempo(microsecondsPerQuarter: microsecondsPerQuarter))]))
    #expect(abs(map.changes[0].beatsPerMinute - beatsPerMinute) < 1e-12)
  }

  @Test("takes the last of several tempi at one tick")
  func theLastOfSeveralAtOneTickHolds() {
    let map = TempoMap(
      Self.file([
        (0, .tempo(microsecondsPerQuarter: 1)), (0, .tempo(microsecondsPerQuarter: 600_000)),
      ]))
    #expect(map.changes.map(\.microsecondsPerQuarter) == [600_000])
    #expect(map.changes[0].beatsPerMinute == 100)
  }
}

@Suite struct MeterMapTests {
  /// Two bars of 3/4, a bar of 4/4 that is cut short after two beats, then 6/8.
  let map = MeterMap(
    TempoMapTests.file(
      [
        (0, .meter(Meter(3, 4)!)), (60, .meter(.fourFour)), (80, .meter(Meter(6, 8)!)),
        (110, .meter(Meter(6, 8)!)),
      ], ticksPerQuarter: 10))

  @Test(
    "counts bars across changes of meter",
    arguments: [
      (0, 0, 0), (29, 0, 29), (30, 1, 0), (60, 2, 0), (79, 2, 19), (80, 3, 0), (110, 4, 0),
      (145, 5, 5),
    ]) func countsBars(tick: Int, bar: Int, place: Int)
  {
    #expect(map.position(of: tick) == MeterMap.Position(bar: bar, place: place))
  }

  @Test("ignores a repeated meter on a bar line")
  func dropsRepetitions() {
    #expect(map.changes.map(\.tick) == [0, 60, 80])
    #expect(map.meter(at: 70) == .fourFour)
  }
}
