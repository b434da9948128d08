import MidiFile
import Music
import Records
import Testing
import Timeline

@testable import midi_in

/// The tempi and times of the records that are made from a file.
@Suite struct TuneTempiTests {
  /// Tempo records, ticks and times agree with what readers of the stream compute, and each frame
  /// lasts as long as in the file.
  @Test("gives a frame within which the tempo changes its true length")
  func framesLastWhatTheFileSays() throws {
    var file = Drawing.file(
      "C---E---", conduct: [(0, .tempo(microsecondsPerQuarter: 600_000))])
    file.tracks[0].append(
      TimedEvent(tick: 2 * 120 + 50, event: .tempo(microsecondsPerQuarter: 300_000)))
    let records = try Drawing.records(file, TuneOptions(meter: TunePerformanceTests.twoFour))
    let lines = records.prefix(7).map {
      "\($0.time.rawValue) \(TunePerformanceTests.text($0.event))"
    }
    #expect(
      lines == [
        "0 header 100.0", "0 tick 0", "0 on 60", "150000 tick 1", "300000 tempo 2 141.176471",
        "300000 tick 2", "406250 tempo 3 200.0",
      ])
    #expect(records.last?.time == Microseconds(406_250 + 5 * 75_000))
  }

  /// A hold is often written as a slow tempo for a few ticks.
  @Test("keeps each note's time where tempi change within a frame, in each repetition")
  func keepsTimes() throws {
    var file = Drawing.file("C---E---G---c---")
    for (tick, tempo) in [(0, 500_000), (490, 5_000_000), (530, 434_783), (1445, 1_000_000)] {
      file.tracks[0].append(
        TimedEvent(tick: tick, event: .tempo(microsecondsPerQuarter: tempo)))
    }
    let map = TempoMap(file)
    let length = map.time(of: 1920)
    let records = try Drawing.records(file, TuneOptions(repeats: .times(2)))
    let times = records.compactMap { record -> Int64? in
      if case .message(.noteOn) = record.event { record.time.rawValue } else { nil }
    }
    let expected = [Microseconds.zero, length].flatMap { begin in
      [0, 480, 960, 1440].map { (begin + map.time(of: $0)).rawValue }
    }
    #expect(zip(times, expected).allSatisfy { abs($0 - $1) <= 1 } && times.count == 8)

    // A reader that computes a frame's end from its tempo finds the next tick there.
    guard case .header(let header) = records[0].event else { return }
    var timeline = Timeline(header: header)
    var last: Frame?
    for record in records {
      if case .tick(let frame) = record.event {
        if last != nil {
          #expect(abs((timeline.time(of: frame) - record.time).rawValue) <= 20, "\(frame)")
        }
        last = frame
      }
      timeline.receive(record)
    }
  }

  /// The repetition begins at the tempo and meter of the beginning.
  @Test("repeats tempo and meter with the tune")
  func repeatsTempoAndMeter() throws {
    let file = Drawing.file(
      "C-----------D-------",
      conduct: [
        (0, .meter(Meter(3, 4)!)), (12, .meter(TunePerformanceTests.twoFour)),
        (16, .tempo(microsecondsPerQuarter: 250_000)),
      ])
    let records = try Drawing.records(file, TuneOptions(repeats: .times(2)))
    #expect(Drawing.draw(records) == "C-----------|D-------|C-----------|D-------")
    let changes = records.map { TunePerformanceTests.text($0.event) }.filter {
      $0.hasPrefix("tempo") || $0.hasPrefix("meter")
    }
    #expect(
      changes == [
        "meter 12 2/4", "tempo 16 240.0", "tempo 20 120.0", "meter 20 3/4", "meter 32 2/4",
        "tempo 36 240.0",
      ])
  }

  @Test(
    "applies --tempo and --speed to the tempo",
    arguments: [
      (TuneOptions(tempo: 60), 60.0, 4_000_000), (TuneOptions(speed: 2), 200, 1_200_000),
      (TuneOptions(tempo: 60, speed: 0.5), 30, 8_000_000),
    ]) func tempoAndSpeedSetTheTempo(options: TuneOptions, tempo: Double, end: Int64) throws
  {
    let file = Drawing.file(
      "C---------------", conduct: [(0, .tempo(microsecondsPerQuarter: 600_000))])
    let records = try Drawing.records(file, options)
    guard case .header(let header) = records[0].event else { throw TuneError.badData("") }
    #expect(header.tempo == tempo)
    #expect(records.last?.time == Microseconds(end))
  }
}
