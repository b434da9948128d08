import MidiFile
import Music
import Records
import Testing
import Timeline

@testable import midi_in

@Suite struct TunePerformanceTests {
  static let twoFour = Meter(2, 4)!

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let drawing: String
    var conduct: [(frame: Int, MidiEvent)] = []
    var options = TuneOptions(meter: twoFour)
    let played: String
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "rounded up to a whole bar", drawing: "C---E-", played: "C---E-.."),
    Case(name: "a whole bar", drawing: "C---E---", played: "C---E---"),
    Case(
      name: "empty bars before the first note are skipped",
      drawing: "....|....|....|..C-|", played: "......C-"),
    Case(
      name: "unless the beginning is wanted", drawing: "........|..C-",
      options: TuneOptions(start: .now, meter: twoFour), played: "........|..C-...."),
    Case(
      name: "the file's meter", drawing: "C---E---G---C-", conduct: [(0, .meter(Meter(3, 4)!))],
      options: TuneOptions(), played: "C---E---G---|C-.........."),
    Case(
      name: "4/4 where the file has none", drawing: "C---------------E", options: TuneOptions(),
      played: "C---------------|E..............."),
    Case(
      name: "a change of meter", drawing: "C-------D-------E-------G---",
      conduct: [(0, .meter(twoFour)), (16, .meter(Meter(3, 4)!))], options: TuneOptions(),
      played: "C-------|D-------|E-------G---"),
    Case(
      name: "6/8", drawing: "C-----E-----G", conduct: [(0, .meter(Meter(6, 8)!))],
      options: TuneOptions(), played: "C-----E-----|G..........."),
    Case(
      name: "a short first bar is the end of a bar", drawing: "G---C-------E-------",
      conduct: [(0, .meter(Meter(1, 4)!)), (4, .meter(twoFour))], options: TuneOptions(),
      played: "....G---|C-------|E-------"),
    Case(
      name: "a short first bar of the same meter", drawing: "G---C-------",
      conduct: [(0, .meter(twoFour)), (4, .meter(twoFour))], options: TuneOptions(),
      played: "....G---|C-------"),
    Case(
      name: "a first bar that is longer is none", drawing: "G-----------C-------",
      conduct: [(0, .meter(Meter(3, 4)!)), (12, .meter(twoFour))], options: TuneOptions(),
      played: "G-----------|C-------"),
    Case(
      name: "a pickup that the file does not tell", drawing: "G---C-------",
      options: TuneOptions(meter: twoFour, pickup: 1), played: "....G---|C-------"),
    Case(
      name: "no pickup, though it looks like one", drawing: "G---C-------",
      conduct: [(0, .meter(Meter(1, 4)!)), (4, .meter(twoFour))],
      options: TuneOptions(pickup: 0), played: "G---|C-------"),
    Case(
      name: "a pickup of a bar and a half", drawing: "G-----------C-------",
      options: TuneOptions(meter: twoFour, pickup: 3), played: "....G---|--------|C-------"),
    Case(
      name: "a count-in", drawing: "C---E---", options: TuneOptions(meter: twoFour, countIn: 2),
      played: "........|........||C---E---"),
    Case(
      name: "two times", drawing: "C---E-",
      options: TuneOptions(meter: twoFour, repeats: .times(2)), played: "C---E-..|C---E-.."),
    Case(
      name: "two times with a pickup that fits into the last bar",
      drawing: "....G---|C-----E-|G---",
      options: TuneOptions(meter: twoFour, repeats: .times(2)),
      played: "....G---|C-----E-|G---G---|C-----E-|G---...."),
    Case(
      name: "two times with a pickup that does not", drawing: "....G---|C-----E-",
      options: TuneOptions(meter: twoFour, repeats: .times(2)),
      played: "....G---|C-----E-|....G---|C-----E-"),
    Case(
      name: "two times with a late entry", drawing: "..G-----|C-",
      options: TuneOptions(meter: twoFour, repeats: .times(2)),
      played: "..G-----|C-......|..G-----|C-......"),
    Case(
      name: "a bar", drawing: "C-------|D-------|E-------|F-------",
      options: TuneOptions(from: BarBeat(bar: 2), to: BarBeat(bar: 2), meter: twoFour),
      played: "D-------"),
    Case(
      name: "bars two times", drawing: "C-------|D-------|E-------|F-------",
      options: TuneOptions(
        from: BarBeat(bar: 3), meter: twoFour, repeats: .times(2)),
      played: "E-------|F-------|E-------|F-------"),
    Case(
      name: "bars are counted from the first note's", drawing: "........|C-------|D-------",
      options: TuneOptions(from: BarBeat(bar: 2), meter: twoFour), played: "D-------"),
    Case(
      name: "from one beat to another", drawing: "C---D---|E---F---|G---A---",
      options: TuneOptions(
        from: BarBeat(bar: 1, beat: 2), to: BarBeat(bar: 3, beat: 1), meter: twoFour),
      played: "....D---|E---F---|G---"),
    Case(
      name: "beats are those that one taps", drawing: "C-----D-----|E-----F-----",
      options: TuneOptions(
        from: BarBeat(bar: 1, beat: 2), to: BarBeat(bar: 2, beat: 1), meter: Meter(6, 8)!),
      played: "......D-----|E-----"),
    Case(
      name: "beats are unequal in 7/8", drawing: "C-----D---E---",
      options: TuneOptions(
        from: BarBeat(bar: 1, beat: 2), to: BarBeat(bar: 1, beat: 2), meter: Meter(7, 8)!),
      played: "......D---"),
    Case(
      name: "a note that began before is left out, one that goes on is cut off",
      drawing: "C---D---|----E---|--------",
      options: TuneOptions(from: BarBeat(bar: 2), to: BarBeat(bar: 2), meter: twoFour),
      played: "....E---"),
  ]

  @Test("plays the drawn tune with the given options", arguments: cases) func plays(_ test: Case)
    throws
  {
    let file = Drawing.file(test.drawing, conduct: test.conduct)
    #expect(try Drawing.played(file, test.options) == test.played)
  }

  /// Such a note belongs to the next frame, and to the next bar.
  @Test("puts a note that comes a little early into the next frame")
  func earlyNotesAreNotABarEarly() throws {
    var file = Drawing.file("........|C---E---")
    file.tracks[1][0].tick -= 30
    #expect(try Drawing.played(file, TuneOptions(meter: Self.twoFour)) == "C---E---")
  }

  @Test(
    "refuses bars and beats that the tune does not have",
    arguments: [
      (BarBeat(bar: 3), nil, "no bar 3: the tune has 2"),
      (nil, BarBeat(bar: 9), "no bar 9: the tune has 2"),
      (BarBeat(bar: 1, beat: 3), nil, "no beat 3 in bar 1"),
      (BarBeat(bar: 2), BarBeat(bar: 1), "--from lies behind --to"),
    ] as [(BarBeat?, BarBeat?, String)])
  func refusesBarsThatAreNotThere(from: BarBeat?, to: BarBeat?, message: String) {
    let options = TuneOptions(from: from, to: to, meter: Self.twoFour)
    #expect(throws: TuneError.usage(message)) {
      try Drawing.tune(Drawing.file("C-------|D-------"), options)
    }
  }

  /// So that its next note begins where it did, and one note sounds at a time.
  @Test("a first note that begins a little early ends where it did")
  func firstNoteKeepsItsEnd() throws {
    for options in [
      TuneOptions(meter: Self.twoFour), TuneOptions(from: BarBeat(bar: 1), meter: Self.twoFour),
      TuneOptions(meter: Self.twoFour, repeats: .times(2)),
    ] {
      var file = Drawing.file("........|C---E---")
      for index in 0..<3 { file.tracks[1][index].tick -= 30 }
      let records = try Drawing.records(file, options)
      let notes = records.filter { $0.event.message != nil }
      #expect(
        notes.prefix(4).map { "\($0.time.rawValue) \(Self.text($0.event))" }
          == ["0 on 60", "468750 off 60", "468750 on 64", "1000000 off 64"])
    }
  }

  /// An ornament before the bar line that is over when the bar begins.
  @Test("leaves out a note that ends before the bar line at which the stream begins")
  func dropsWhatIsOverBefore() throws {
    var file = Drawing.file("........|C---E---")
    let grace = Note(channel: Channel(1)!, pitch: Pitch(62)!, velocity: Velocity(50)!)
    file.tracks[1] =
      [
        TimedEvent(tick: 920, event: .message(.noteOn(grace))),
        TimedEvent(tick: 950, event: .message(.noteOff(grace))),
      ] + file.tracks[1]
    #expect(try Drawing.played(file, TuneOptions(meter: Self.twoFour)) == "C---E---")
  }

  static func text(_ event: Event) -> String {
    switch event {
    case .header(let header): "header \(header.tempo)"
    case .tick(let frame): "tick \(frame.rawValue)"
    case .tempo(let frame, let tempo): "tempo \(frame.rawValue) \(tempo)"
    case .meter(let frame, let meter):
      "meter \(frame.rawValue) \(meter.numerator)/\(meter.denominator)"
    case .message(.noteOn(let note)): "on \(note.pitch.rawValue)"
    case .message(.noteOff(let note)): "off \(note.pitch.rawValue)"
    case .message(.program(_, let program)): "program \(program)"
    case .message(.control(_, let controller, let value)): "control \(controller) \(value)"
    case .marker(let text): "marker \(text)"
    case .end(let reason): "end \(reason)"
    default: "other"
    }
  }

  @Test("orders changes, tick, note-offs, controllers and note-ons at one time")
  func ordersWhatHappensAtOnce() throws {
    var file = Drawing.file(
      "C-------D-------",
      conduct: [
        (0, .meter(Self.twoFour)), (8, .meter(Meter(4, 8)!)), (8, .marker("B")),
        (8, .tempo(microsecondsPerQuarter: 250_000)),
      ])
    let channel = Channel(1)!
    file.tracks[1].append(
      TimedEvent(tick: 960, event: .message(.program(channel: channel, program: 5))))
    let records = try Drawing.records(file, TuneOptions())
    let atOnce = records.filter { $0.time == Microseconds(1_000_000) }.map { Self.text($0.event) }
    #expect(
      atOnce == [
        "tempo 8 240.0", "meter 8 4/8", "tick 8", "off 60", "program 5", "marker B", "on 62",
      ])
  }

  @Test("sets at the start the controllers and programs in force there")
  func setsWhatWasSetBefore() throws {
    var file = Drawing.file("C-------|D-------|E-------")
    let channel = Channel(1)!
    file.tracks[1] += [
      TimedEvent(tick: 0, event: .message(.program(channel: channel, program: 5))),
      TimedEvent(tick: 100, event: .message(.program(channel: channel, program: 6))),
      TimedEvent(tick: 200, event: .message(.control(channel: channel, controller: 7, value: 99))),
      TimedEvent(tick: 2000, event: .message(.program(channel: channel, program: 7))),
    ]
    let options = TuneOptions(from: BarBeat(bar: 2), to: BarBeat(bar: 2), meter: Self.twoFour)
    let records = try Drawing.records(file, options)
    #expect(
      records.prefix(5).map { Self.text($0.event) } == [
        "header 120.0", "tick 0", "program 6", "control 7 99", "on 62",
      ])
  }

  @Test("refuses a tune that would last for years")
  func refusesATuneOfYears() {
    let note = Note(channel: Channel(1)!, pitch: Pitch(60)!, velocity: Velocity(1)!)
    let file = MidiFile(
      ticksPerQuarter: 1,
      tracks: [[TimedEvent(tick: MidiFile.lastTick - 1, event: .message(.noteOn(note)))]])
    #expect(throws: TuneError.self) { try Drawing.tune(file, TuneOptions()) }
  }

  /// An endless performance is made record by record.
  @Test("plays forever in constant memory")
  func playsForever() throws {
    let options = TuneOptions(repeats: .forever)
    let tune = try Drawing.tune(Drawing.file("C---E---G---c---"), options)
    var performance = TunePerformance(tune, options, producer: "test", source: "test")
    var last = Record(time: .zero, event: .end(reason: ""))
    for _ in 0..<100_000 {
      let next = performance.next()
      let record = try #require(next)
      #expect(record.time >= last.time)
      last = record
    }
    #expect(last.time > Microseconds(8_000_000_000))
  }
}
