import Music
import Records
import Testing

@testable import midi_in

@Suite struct KeyboardTests {
  /// The actions of keys: a pitch for a note, `.` for a release, `!` for quit.
  static func played(_ keys: String) -> String {
    var keyboard = Keyboard(channel: Channel(1)!)
    let actions = keys.utf8.compactMap { keyboard.receive($0) }
    return actions.map { action in
      switch action {
      case .press(let note): "\(note.pitch.rawValue)"
      case .release: "."
      case .quit: "!"
      }
    }.joined(separator: " ")
  }

  @Test(
    "lays out the keys of a piano",
    arguments: [
      ("awsedftgyhuj", "60 61 62 63 64 65 66 67 68 69 70 71"),
      ("kolp;']", "72 73 74 75 76 77 78"),
      ("AWSEDFTGYHUJ", "72 73 74 75 76 77 78 79 80 81 82 83"),
      ("KOLP:\"}", "84 85 86 87 88 89 90"),
      ("azazaxxxa", "60 48 36 72"),
      ("zzzzzzzzzza", "0"), ("xxxxxxxxxa", "108"), ("xxxxG", "127"), ("xxxxY", ""),
      ("a sq", "60 . 62 !"), ("a\u{3}", "60 !"), ("a\u{4}", "60 !"),
      ("rim,./?", ""),
      // Arrow up, F5, Home on some terminals, delete; then a key.
      ("\u{1B}[A\u{1B}[15~\u{1B}OHa", "60"), ("\u{1B}[3~s", "62"), ("\u{1B}[1;5Ca", "60"),
    ]) func hasTheKeysOfAPiano(keys: String, played: String)
  {
    #expect(Self.played(keys) == played)
  }

  @Test(
    "sets the velocity with keys",
    arguments: [
      ("", 100), ("1", 15), ("9", 127), ("5", 71), ("c", 90), ("v", 110), ("vvvvvv", 127),
      ("ccccccccccccc", 1), ("5v", 81),
    ]) func setsTheVelocity(keys: String, velocity: UInt8)
  {
    var keyboard = Keyboard(channel: Channel(3)!)
    for key in keys.utf8 { #expect(keyboard.receive(key) == nil) }
    guard case .press(let note)? = keyboard.receive(UInt8(ascii: "a")) else {
      Issue.record("a plays no note")
      return
    }
    #expect(note.velocity.rawValue == velocity)
    #expect(note.channel == Channel(3))
  }
}

@Suite struct KeyboardPerformanceTests {
  /// Presses keys at times in milliseconds, at 120 beats a minute in 2/4, and returns the records with
  /// their times in milliseconds.
  static func played(
    _ keys: [(Int64, Character)], until end: Int64, start: Start = .now, countIn: Int = 0,
    hold: Double = 1
  ) -> String {
    var keyboard = Keyboard(channel: Channel(1)!)
    let header = Header(meter: Meter(2, 4)!, producer: "test", source: "test")
    var performance = KeyboardPerformance(header, start: start, countIn: countIn, hold: hold)
    var batch = RecordBatch()
    for (milliseconds, key) in keys {
      let time = Microseconds(milliseconds * 1000)
      performance.advance(to: time, into: &batch)
      switch key.asciiValue.flatMap({ keyboard.receive($0) }) {
      case .press(let note)?: performance.press(note, at: time, into: &batch)
      case .release?: performance.release(at: time, into: &batch)
      default: break
      }
    }
    performance.advance(to: Microseconds(end * 1000), into: &batch)
    performance.end(at: Microseconds(end * 1000), reason: "quit", into: &batch)
    return batch.records.map {
      "\($0.time.rawValue / 1000) \(TunePerformanceTests.text($0.event))"
    }.joined(separator: ", ")
  }

  @Test("ticks while nobody plays")
  func ticksWhileNobodyPlays() {
    #expect(Self.played([], until: 250) == "0 tick 0, 125 tick 1, 250 tick 2, 250 end quit")
  }

  @Test("begins its ticks with the first note")
  func waitsForTheFirstNote() {
    #expect(
      Self.played([(300, "a")], until: 500, start: .note)
        == "300 tick 0, 300 on 60, 425 tick 1, 500 off 60, 500 end quit")
    #expect(Self.played([], until: 5000, start: .note) == "5000 end quit")
  }

  @Test("begins with a count-in")
  func countsIn() {
    #expect(
      Self.played([], until: 260, start: .note, countIn: 1)
        == "0 tick -8, 125 tick -7, 250 tick -6, 260 end quit")
  }

  @Test("ends a note when the next begins")
  func aNoteEndsWithTheNext() {
    #expect(
      Self.played([(10, "a"), (60, "s")], until: 100)
        == "0 tick 0, 10 on 60, 60 off 60, 60 on 62, 100 off 62, 100 end quit")
  }

  @Test("ends a note with the space bar")
  func aNoteEndsWithTheSpaceBar() {
    #expect(
      Self.played([(10, "a"), (60, " "), (70, " ")], until: 100)
        == "0 tick 0, 10 on 60, 60 off 60, 100 end quit")
  }

  @Test("ends a note after the hold time")
  func aNoteEndsAfterAWhile() {
    #expect(
      Self.played([(10, "a")], until: 130, hold: 0.125)
        == "0 tick 0, 10 on 60, 72 off 60, 125 tick 1, 130 end quit")
  }

  /// The key begins a note, another when its repetition sets in, and holds that until it is released.
  @Test("holds a note while its key repeats itself")
  func aKeyThatIsHeldDownHoldsItsNote() {
    let keys: [(Int64, Character)] = [(0, "a"), (100, "a"), (130, "a"), (160, "a"), (190, "a")]
    #expect(
      Self.played(keys, until: 300, hold: 0.125)
        == "0 tick 0, 0 on 60, 62 off 60, 100 on 60, 125 tick 1, 250 tick 2, 270 off 60, "
        + "300 end quit")
  }

  /// At this tempo a frame is no whole number of microseconds.
  @Test("never lets ticks drift")
  func ticksDoNotDrift() {
    let header = Header(tempo: 70, producer: "test", source: "test")
    var performance = KeyboardPerformance(header, start: .now, countIn: 0, hold: 1)
    var batch = RecordBatch()
    performance.advance(to: Microseconds(6_000_000_000), into: &batch)
    let ticks = batch.records.filter { $0.event == .tick(Frame(28_000)) }
    #expect(ticks.map(\.time) == [Microseconds(6_000_000_000)])
  }
}
