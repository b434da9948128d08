import Music
import Records
import Testing

@testable import jam_latency

private func note(_ pitch: Int, channel: Int = 1, velocity: Int = 80) -> Note {
  Note(channel: Channel(channel)!, pitch: Pitch(pitch)!, velocity: Velocity(velocity)!)
}

@Suite struct PassageTests {
  @Test("pairs what comes back with the earliest sent message for the same key")
  func whatComesIsWhatWasSentFirst() {
    var passage = Passage()
    passage.sent(.noteOn(note(60)), at: Microseconds(100))
    passage.sent(.noteOff(note(60)), at: Microseconds(200))
    passage.sent(.noteOn(note(60)), at: Microseconds(300))
    let came: [(ChannelMessage, Int64)] = [
      (.noteOn(note(61)), 110), (.noteOn(note(60, channel: 2)), 110),
      (.program(channel: Channel(1)!, program: 60), 110),
      (.noteOn(note(60, velocity: 64)), 120), (.noteOn(note(60)), 350),
    ]
    let wereSent = came.map { passage.came($0, at: Microseconds($1)) }
    #expect(wereSent == [false, false, false, true, true])
    #expect(passage.times == [Microseconds(20), Microseconds(50)])
    #expect(passage.missing == 1)
    passage.begin()
    #expect(passage.times == [])
    #expect(passage.missing == 1)
  }
}

@Suite struct StrokesTests {
  @Test("ends each note before the next begins, at irregular times")
  func eachNoteEndsBeforeTheNext() {
    var strokes = Strokes(period: Microseconds(1000))
    var pauses: [Int64] = []
    for count in 0..<1000 {
      let (event, pause) = strokes.next()
      switch event {
      case .noteOn: #expect(count % 2 == 0)
      case .noteOff: #expect(count % 2 == 1)
      default: Issue.record("\(event)")
      }
      pauses.append(pause.rawValue)
    }
    #expect(pauses.allSatisfy { 500...1500 ~= $0 })
    #expect(995...1005 ~= pauses.reduce(0, +) / 1000)
    #expect(Set(pauses).count > 500)
  }
}

@Suite struct CommittedBeatsTests {
  private static func beats() -> CommittedBeats {
    var beats = CommittedBeats(warmUp: Microseconds(500_000), duration: Microseconds(1_000_000))
    beats.begin(at: Microseconds(7_000_000))
    return beats
  }

  /// 60,000,000 / 477 us each.
  @Test("counts the beats that fit into the time")
  func areAsManyAsThereIsTimeFor() {
    let beats = Self.beats()
    #expect(beats.beats == 3..<11)
    #expect(beats.frames == 0..<44)
    #expect(beats.records(of: 4).map(\.time) == [Microseconds(125_786), Microseconds(125_786)])
  }

  /// The records also make a valid stream.
  @Test("never changes a committed chord")
  func areCommittedForGood() throws {
    let beats = Self.beats()
    let printer = RecordPrinter()
    var reader = RecordReader()
    for record in [beats.header] + beats.frames.flatMap({ beats.records(of: $0) }) {
      reader.feed(printer.line(record))
    }
    reader.finish()
    var chords: [Frame: String] = [:]
    var lines = 0
    while let line = try reader.next() {
      lines += 1
      guard case .plan(let plan) = line.record.event else { continue }
      #expect(plan.chords.last?.to == plan.until)
      #expect(plan.commit <= plan.until)
      for chord in plan.chords {
        #expect(chords[chord.from, default: chord.symbol] == chord.symbol)
        chords[chord.from] = chord.symbol
      }
    }
    #expect(lines == 1 + 2 * 44)
  }

  @Test(
    "counts a note for the beat that it is nearest to",
    arguments: [
      // Beat 4 is due at 503,145 us.
      (503_145, 0), (503_143, -2), (503_300, 155), (590_000, 86_855), (471_800, -31_345),
    ] as [(Int64, Int64)])
  func notesAreOfTheNearestBeat(time: Int64, lateness: Int64) {
    var beats = Self.beats()
    beats.receive(.noteOn(note(40, channel: 3)), at: Microseconds(7_000_000 + time))
    #expect(beats.times == [Microseconds(lateness)])
    #expect(beats.missing == 7)
  }

  @Test("counts note-ons within the measured beats only")
  func onlyBeginningsInTimeCount() {
    var beats = Self.beats()
    beats.receive(.noteOff(note(40, channel: 3)), at: Microseconds(7_503_145))
    beats.receive(.noteOn(note(40, channel: 3)), at: Microseconds(7_000_000))
    beats.receive(.noteOn(note(40, channel: 3)), at: Microseconds(6_000_000))
    beats.receive(.noteOn(note(40, channel: 3)), at: Microseconds(9_000_000))
    #expect(beats.times == [])
    #expect(beats.missing == 8)
    beats.receive(.noteOn(note(60, channel: 2)), at: Microseconds(7_503_145))
    #expect(beats.times == [.zero])
    #expect(beats.missing == 8)
  }

  @Test("does not count beats as missing after an early stop")
  func beatsThatWereNotWaitedForAreNotMissing() {
    var beats = Self.beats()
    beats.receive(.noteOn(note(40, channel: 3)), at: Microseconds(7_503_145))
    beats.end(at: Microseconds(7_650_000))
    #expect(beats.beats == 3..<5)
    #expect(beats.missing == 1)
    beats.end(at: Microseconds(7_000_001))
    #expect(beats.missing == 0)
  }
}
