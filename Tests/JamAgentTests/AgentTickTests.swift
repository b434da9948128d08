import AgentSettings
import Music
import Records
import Testing

@testable import jam_agent

/// How the agent handles ticks.
extension AgentTests {
  @Test("a second tick of the same frame is refused")
  func refusesRepeatedTick() throws {
    var agent = try agent()
    _ = try agent.receive(Record(time: .zero, event: .tick(Frame(5))))
    #expect(throws: AgentError.self) {
      try agent.receive(Record(time: .zero, event: .tick(Frame(5))))
    }
  }

  @Test("a count-in without notes gets no plans")
  func noPlansInCountIn() throws {
    let melody = (-8..<4).map { frame in
      Record(time: Microseconds(Int64(frame + 8) * 125_000), event: .tick(Frame(frame)))
    }
    #expect(try plans(Settings(), melody).map(\.frame) == [Frame(0), Frame(1), Frame(2), Frame(3)])
  }

  @Test("plans begin with a pickup in the count-in")
  func plansFromPickup() throws {
    var agent = try agent(Settings(silence: 1))
    var frames: [Frame] = []
    for frame in -8..<4 {
      let time = Microseconds(Int64(frame + 8) * 125_000)
      if let plan = try agent.answer(Record(time: time, event: .tick(Frame(frame)))) {
        frames.append(plan.frame)
      }
      guard frame == -4 else { continue }
      let note = Note(channel: Channel(1)!, pitch: Pitch(67)!, velocity: Velocity(80)!)
      _ = try agent.receive(Record(time: time + Microseconds(10), event: .message(.noteOn(note))))
    }
    #expect(frames.first == Frame(-3))
  }

  @Test(
    "the first tick after a gap is answered by a complete plan",
    arguments: [2, 100, 5_000, 900_000_000, Limits.frame.upperBound - 1])
  func plansAfterGap(gap: Int) throws {
    var agent = try agent(Settings(silence: 1))
    _ = try agent.answer(Record(time: .zero, event: .tick(Frame(0))))
    let note = Note(channel: Channel(1)!, pitch: Pitch(67)!, velocity: Velocity(80)!)
    _ = try agent.receive(Record(time: Microseconds(10), event: .message(.noteOn(note))))
    _ = try agent.answer(Record(time: Microseconds(125_000), event: .tick(Frame(1))))
    let plan = try #require(
      try agent.answer(Record(time: Microseconds(1_000_000), event: .tick(Frame(gap)))))
    #expect(plan.frame == Frame(gap))
    #expect(plan.chords.last?.to == plan.until)
    // The record is valid, even at the last frame that a stream can number.
    let line = RecordPrinter().line(Record(time: .zero, event: .plan(plan)))
    #expect(throws: Never.self) { try Record(parsing: line) }
  }

  @Test("no chord begins before the first frame that a stream can number")
  func staysInBounds() throws {
    var agent = try agent(Settings(silence: 1))
    let first = Limits.frame.lowerBound
    let note = Note(channel: Channel(1)!, pitch: Pitch(67)!, velocity: Velocity(80)!)
    for (index, frame) in [first + 2, first + 3].enumerated() {
      let time = Microseconds(Int64(index) * 125_000)
      if let plan = try agent.answer(Record(time: time, event: .tick(Frame(frame)))) {
        let line = RecordPrinter().line(Record(time: time, event: .plan(plan)))
        #expect(throws: Never.self) { try Record(parsing: line) }
      }
      _ = try agent.receive(Record(time: time + Microseconds(1), event: .message(.noteOn(note))))
    }
  }

  @Test("a stream with six frames a beat is refused")
  func refusesOtherFrames() throws {
    var agent = try agent()
    let header = Header(framesPerBeat: 6, producer: "test", source: "")
    #expect(throws: AgentError.self) {
      try agent.receive(Record(time: .zero, event: .header(header)))
    }
  }
}
