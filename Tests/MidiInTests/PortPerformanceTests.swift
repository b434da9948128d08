import Music
import Records
import Sequencer
import TestSupport
import Testing

@testable import midi_in

@Suite struct PortPerformanceTests {
  /// What is played, at times in milliseconds: `on 60`, `off 60`, `cc 64 127`, `clock`, `start`.
  typealias Played = (Int64, String)

  static func performance(
    tempo: Double = 120, meter: Meter = Meter(2, 4)!, _ settings: PortSettings
  ) -> PortPerformance {
    PortPerformance(
      Header(tempo: tempo, meter: meter, producer: "test", source: "test"), settings)
  }

  /// The records that follow, as `KeyboardPerformanceTests` writes it, without ticks.
  static func heard(
    _ events: [Played], _ settings: PortSettings = PortSettings(), ticks: Bool = false,
    until end: Int64? = nil
  ) -> String {
    var performance = performance(settings)
    var batch = RecordBatch()
    for (milliseconds, text) in events {
      let time = Microseconds(milliseconds * 1000)
      performance.advance(to: time, into: &batch)
      switch input(text) {
      case .message(let message): performance.receive(message, at: time, into: &batch)
      case .clock(let message): performance.receive(message, at: time, into: &batch)
      default: break
      }
    }
    let last = Microseconds((end ?? events.last?.0 ?? 0) * 1000)
    performance.advance(to: last, into: &batch)
    performance.end(at: last, reason: "quit", into: &batch)
    return batch.records.filter { record in
      if case .tick = record.event { ticks } else { true }
    }.map { "\($0.time.rawValue / 1000) \(Self.text($0.event))" }.joined(separator: ", ")
  }

  static func text(_ event: Event) -> String {
    switch event {
    case .set(let name, .number(let value)): "\(name) \(value)"
    case .set(let name, .flag(let value)): "\(name) \(value)"
    case .stat(let counters): counters.map { "\($0.name) \($0.value)" }.joined(separator: " ")
    default: TunePerformanceTests.text(event)
    }
  }

  static func input(_ text: String) -> SequencerEvent {
    let words = text.split(separator: " ")
    let numbers = words.dropFirst().compactMap { Int($0) }
    let channel = Channel(words.last?.hasPrefix("@") ?? false ? Int(words.last!.dropFirst())! : 1)!
    func note(_ velocity: Int) -> Note {
      Note(channel: channel, pitch: Pitch(numbers[0])!, velocity: Velocity(velocity)!)
    }
    switch words[0] {
    case "on": return .message(.noteOn(note(90)))
    case "off": return .message(.noteOff(note(64)))
    case "cc":
      return .message(
        .control(channel: channel, controller: UInt8(numbers[0]), value: UInt8(numbers[1])))
    case "start": return .clock(.start)
    case "stop": return .clock(.stop)
    case "continue": return .clock(.continue)
    case "position": return .clock(.songPosition(numbers[0]))
    default: return .clock(.pulse)
    }
  }

  @Test("records chords as they are played")
  func chordsArePlayedAsTheyAre() {
    #expect(
      Self.heard([(0, "on 60"), (5, "on 64"), (300, "off 60"), (310, "off 64")])
        == "0 on 60, 5 on 64, 300 off 60, 310 off 64, 310 end quit")
  }

  @Test("begins its ticks with the first note")
  func ticksBeginWithTheFirstNote() {
    #expect(
      Self.heard([(300, "on 60"), (500, "off 60")], ticks: true)
        == "300 tick 0, 300 on 60, 425 tick 1, 500 off 60, 500 end quit")
  }

  @Test("records the chosen channel only")
  func ofOneChannelOnlyWhatIsAskedFor() {
    var settings = PortSettings()
    settings.channel = Channel(2)!
    #expect(
      Self.heard([(0, "on 60"), (1, "on 62 @2"), (2, "cc 1 3"), (9, "off 62 @2")], settings)
        == "1 on 62, 9 off 62, 9 end quit")
    // A mapped controller counts on any channel.
    settings.mappings = [ControllerMapping(argument: "cc1=commit:0..127")!]
    #expect(Self.heard([(2, "cc 1 3")], settings) == "2 commit 3.0, 2 end quit")
  }

  @Test("ends all notes with the stream")
  func whatSoundsEndsWithTheStream() {
    #expect(
      Self.heard([(0, "cc 64 127"), (1, "on 60"), (2, "on 50 @3"), (3, "off 60")])
        == "0 control 64 127, 1 on 60, 2 on 50, 3 off 60, 3 off 50, 3 control 64 0, 3 end quit")
  }

  @Test(
    "holds notes while the pedal is down",
    arguments: [
      // A pedal holds notes; a key that is pressed again begins its note anew.
      (
        [(0, "cc 64 127"), (1, "on 60"), (2, "off 60"), (3, "on 62"), (5, "cc 64 0")] as [Played],
        "0 control 64 127, 1 on 60, 3 on 62, 5 control 64 0, 5 off 60, 5 off 62, 5 end quit"
      ),
      (
        [
          (0, "cc 64 127"), (1, "on 60"), (2, "off 60"), (3, "on 60"), (4, "cc 64 0"),
          (5, "off 60"),
        ],
        "0 control 64 127, 1 on 60, 3 off 60, 3 on 60, 4 control 64 0, 5 off 60, 5 end quit"
      ),
      // Only those of its own channel.
      (
        [(0, "cc 64 127 @2"), (1, "on 60"), (2, "off 60"), (3, "cc 64 0 @2")],
        "0 control 64 127, 1 on 60, 2 off 60, 3 control 64 0, 3 end quit"
      ),
      // Notes that began before the pedal are held, too. All notes off ends them all the same.
      (
        [(0, "on 60"), (1, "cc 64 64"), (2, "off 60"), (3, "cc 123 0"), (4, "cc 64 63")],
        "0 on 60, 1 control 64 64, 3 control 123 0, 3 off 60, 4 control 64 63, 4 end quit"
      ),
    ]) func thePedalLengthensNotes(played: [Played], heard: String)
  {
    #expect(Self.heard(played) == heard)
  }

  @Test("changes settings with mapped controllers")
  func controllersChangeSettings() throws {
    var settings = PortSettings()
    settings.mappings = try ["cc74=temperature:0..2", "cc74=lookahead:1..0", "learn=top-p:0.5..1"]
      .map {
        try #require(ControllerMapping(argument: $0))
      }
    #expect(
      Self.heard([(0, "cc 74 127"), (1, "cc 74 0"), (2, "cc 7 127"), (3, "cc 8 1")], settings)
        == "0 temperature 2.0, 0 lookahead 0.0, 1 temperature 0.0, 1 lookahead 1.0, 2 top_p 1.0, "
        + "3 control 8 1, 3 end quit")
  }

  @Test("maps the controller that is moved first")
  func learnsTheControllerThatIsMovedFirst() throws {
    var settings = PortSettings()
    settings.mappings = [try #require(ControllerMapping(argument: "learn=temperature:0..2"))]
    var performance = Self.performance(settings)
    var batch = RecordBatch()
    let moved = ChannelMessage.control(channel: Channel(1)!, controller: 21, value: 64)
    performance.receive(moved, at: .zero, into: &batch)
    let advice = performance.takeAdvice()
    performance.receive(moved, at: .zero, into: &batch)
    let secondAdvice = performance.takeAdvice()
    #expect(advice == "cc21 sets temperature" && secondAdvice == nil)
    #expect(batch.records.count == 2)
  }

  @Test(
    "refuses a malformed mapping",
    arguments: [
      "74=temperature:0..2", "cc128=x:0..1", "cc74=x", "cc74=x:0", "cc74=x:0..", "cc74=:0..1",
      "cc74", "cc74=x:a..b", "learn", "cc74=x:0..inf",
    ]) func refusesWhatIsNoMapping(text: String)
  {
    #expect(ControllerMapping(argument: text) == nil)
  }

  /// Two taps make a bar of 2/4. The music begins a beat after the second, and taps are not recorded.
  @Test("takes the tempo from the first notes")
  func firstNotesTellTheTempo() {
    var settings = PortSettings()
    settings.tap = .notes
    #expect(
      Self.heard(
        [
          (0, "on 60"), (50, "off 60"), (600, "on 60"), (650, "off 60"), (1200, "on 64"),
          (1300, "off 64"),
        ], settings, ticks: true)
        == "600 tempo 0 100.0, 1200 tick 0, 1200 on 64, 1300 off 64, 1300 end quit")
  }

  @Test("takes the tempo from a pedal at any time")
  func aPedalTapsTheTempoAtAnyTime() {
    var settings = PortSettings()
    settings.tap = .controller(67)
    let taps: [Played] = [0, 500, 1000, 1400].flatMap {
      [($0, "cc 67 127"), ($0 + 100, "cc 67 0")] as [Played]
    }
    #expect(
      Self.heard(taps, settings, ticks: true, until: 1520)
        == "1000 tick 0, 1125 tick 1, 1250 tick 2, 1375 tick 3, 1400 tempo 4 150.0, 1500 tick 4, 1520 end quit"
    )
  }

  @Test("counts lost events and ends all notes")
  func lossesAreCountedAndEndWhatSounds() {
    var performance = Self.performance(PortSettings())
    var batch = RecordBatch()
    let on = ChannelMessage.noteOn(
      Note(channel: Channel(1)!, pitch: Pitch(60)!, velocity: Velocity(9)!))
    performance.receive(on, at: Microseconds(1000), into: &batch)
    performance.overflow(lost: 17, at: Microseconds(2000), into: &batch)
    performance.overflow(lost: 17, at: Microseconds(3000), into: &batch)
    #expect(
      batch.records.map { Self.text($0.event) } == ["tick 0", "on 60", "off 60", "lost 17.0"])
  }
}

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

  /// The tempo rises from 90 to 130 beats a minute in a minute. Each pulse is up to 1 ms late, and the ticks
  /// are nearer to the true times than that.
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
