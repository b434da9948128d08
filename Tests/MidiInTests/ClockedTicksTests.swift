import Music
import Records
import Sequencer
import TestSupport
import Testing

@testable import midi_in

@Suite struct ClockedTicksTests {
  /// Sends pulses, each with a time and an error, and returns the records that follow.
  static func records(
    _ pulses: [(meant: Double, came: Double)], _ before: [ClockMessage] = [.start]
  ) -> [Record] {
    var ticks = ClockedTicks(
      Header(producer: "test", source: "test"), startsAtOnce: false)
    var batch = RecordBatch()
    for message in before { ticks.receive(message, at: .zero, into: &batch) }
    for pulse in pulses {
      let time = Microseconds(Int64(pulse.came))
      while let tick = ticks.next(dueAt: time) { batch.add(tick) }
      ticks.receive(.pulse, at: time, into: &batch)
      while let tick = ticks.next(dueAt: time) { batch.add(tick) }
    }
    return batch.records
  }

  /// The tempo rises from 90 to 130 beats a minute in a minute. Each pulse is up to 1 ms late, and
  /// the ticks are nearer to the true times than that.
  @Test("follows a MIDI clock whose tempo rises", arguments: [0.0, 1000.0])
  func ticksStayWithARisingTempo(jitter: Double) {
    var random = SplitMix64(seed: 7)
    var (time, pulses) = (1_000_000.0, [(meant: Double, came: Double)]())
    while time < 61_000_000 {
      pulses.append((time, time + jitter * Double.random(in: 0..<1, using: &random)))
      let tempo = 90 + 40 * (time - 1_000_000) / 60_000_000
      time += 60_000_000 / tempo / 24
    }
    let records = Self.records(pulses)
    let ticks = records.compactMap { record -> (Int, Double)? in
      guard case .tick(let frame) = record.event else { return nil }
      return (frame.rawValue, Double(record.time.rawValue))
    }
    #expect(ticks.map(\.0) == Array(0..<ticks.count) && ticks.count == pulses.count.quotient(6))
    let errors = ticks.map { abs($0.1 - pulses[6 * $0.0].meant) }
    #expect(errors.max()! < (jitter == 0 ? 200 : 1100), "\(errors.max()!)")
    let tempi = records.compactMap { record -> Double? in
      if case .tempo(_, let tempo) = record.event { tempo } else { nil }
    }
    #expect(tempi.count > 50 && abs(tempi.last! - 130) < 1, "\(tempi.suffix(3))")
  }

  static func steady(_ count: Int, from start: Double = 0) -> [(meant: Double, came: Double)] {
    (0..<count).map { (start + Double($0) * 20_833.3, start + Double($0) * 20_833.3) }
  }

  static func frames(_ records: [Record]) -> [Int] {
    records.compactMap { if case .tick(let frame) = $0.event { frame.rawValue } else { nil } }
  }

  @Test("begins no frame before the MIDI clock starts")
  func nothingBeginsBeforeTheClockStarts() {
    #expect(Self.frames(Self.records(Self.steady(24), [])) == [])
    #expect(Self.frames(Self.records(Self.steady(24))) == [0, 1, 2, 3])
    #expect(Self.frames(Self.records(Self.steady(24), [.continue])) == [0, 1, 2, 3])
    #expect(Self.frames(Self.records(Self.steady(7), [.songPosition(6), .continue])) == [6, 7])
  }

  /// Frames never go back: after a second start, the music begins with the next bar.
  @Test("follows start, stop, continue and song position")
  func startStopAndContinue() {
    var ticks = ClockedTicks(Header(producer: "test", source: "test"), startsAtOnce: false)
    var batch = RecordBatch()
    var time: Int64 = 0
    func send(_ message: ClockMessage, _ count: Int = 1) {
      for _ in 0..<count {
        ticks.receive(message, at: Microseconds(time), into: &batch)
        if message == .pulse { time += 20_833 }
        while let tick = ticks.next(dueAt: Microseconds(time)) { batch.add(tick) }
      }
    }
    send(.start)
    send(.pulse, 24)
    send(.stop)
    send(.pulse, 24)
    send(.continue)
    send(.pulse, 12)
    send(.stop)
    send(.start)
    send(.pulse, 12)
    let text = batch.records.map(\.event).map { event in
      switch event {
      case .set(_, .flag(let isPlaying)): isPlaying ? "play" : "stop"
      case .tick(let frame): "\(frame.rawValue)"
      default: "?"
      }
    }.joined(separator: " ")
    #expect(text == "play 0 1 2 3 stop play 4 5 stop play 16 17")
  }
}

extension Int {
  /// Rounded up.
  fileprivate func quotient(_ divisor: Int) -> Int { (self + divisor - 1) / divisor }
}
