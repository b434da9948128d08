import AgentSettings
import CommandSupport
import Music
import RealTime
import Records
import SystemPackage

/// The agent between its input and its output.
struct Session: ~Copyable {
  private var agent: Agent
  /// Whether ticks that wait behind a newer one are passed over.
  private let isLive: Bool
  private var input: Input
  private var output: Output
  /// Where settings come from beside the input.
  private var control: ControlFile?
  /// Once the stop signal was raised: until when the last words of the input are waited for.
  private var deadline: Microseconds?
  /// Lines read ahead to see whether a newer tick waits: none but the last is one.
  private var waiting: ArraySlice<Line> = []

  /// More lines than this are not looked at: some belong to the tick at hand.
  private static let mostWaiting = 1024
  /// After so many missed ticks, a beat, there is a plan again, however late: nothing may silence it.
  private static let mostMissed = 4
  /// ctrl-C stops the whole pipeline, and who writes to the agent ends its notes and its stream: these
  /// records are passed on.
  private static let longestEnding = Microseconds(500_000)

  init(
    agent: Agent, isLive: Bool, control: consuming ControlFile?, input: consuming Input,
    output: consuming Output
  ) {
    self.agent = agent
    self.isLive = isLive
    self.control = control
    self.input = input
    self.output = output
  }

  /// Passes the input on to its end, in order, with a plan right after each tick, and the settings
  /// right after the header and after each record that would change one. Plans and settings in the
  /// input are of another time, and are dropped.
  mutating func play() throws {
    var (ticks, missed, missedInARow) = (0, 0, 0)
    // Nil before the header, which has to be the first record.
    var time: Microseconds?
    while let line = try next() {
      if line.record.isOfAnotherTime { continue }
      if let time { try takeSettings(at: time) }
      try output.write(line)
      time = line.record.time
      try hear(line)
      if line.record.bearsOnSettings { try tellSettings(at: line.record.time) }
      guard line.isTick else { continue }
      ticks += 1
      if isLive, missedInARow < Self.mostMissed, isNewerTickWaiting() {
        missed += 1
        missedInARow += 1
        continue
      }
      missedInARow = 0
      if let plan = agent.plan() {
        try output.write(plan)
      }
    }
    guard isLive else { return }
    let counters = [
      Counter(name: "ticks", value: Double(ticks)), Counter(name: "missed", value: Double(missed)),
    ]
    try output.write(Record(time: time ?? .zero, event: .stat(counters)))
  }

  private mutating func hear(_ line: Line) throws(Failure) {
    do {
      guard let advice = try agent.receive(line.record) else { return }
      advise(advice)
    } catch {
      throw Failure.badData(input.name, line: line.number, "\(error)")
    }
  }

  /// Makes the settings that somebody wrote beside the input records of the stream, at the time of its
  /// latest record: so a recording of the output holds them, and replays to the same bytes.
  private mutating func takeSettings(at time: Microseconds) throws {
    for (name, value) in control?.take(complain: advise) ?? [] {
      let record = Record(time: time, event: .set(name: name, value: value))
      try output.write(record)
      if let advice = try agent.receive(record) { advise(advice) }
      if record.bearsOnSettings { try tellSettings(at: time) }
    }
  }

  private mutating func tellSettings(at time: Microseconds) throws {
    try output.write(Record(time: time, event: .settings(agent.settings.all)))
  }

  private mutating func next() throws(Failure) -> Line? {
    if let line = waiting.popFirst() { return line }
    while true {
      let step: Input.Step
      if let deadline { step = try input.next(until: deadline) } else { step = try input.next() }
      switch step {
      case .line(let line): return line
      case .stopped:
        input.outliveStop()
        deadline = MonotonicClock.now + Self.longestEnding
      case .end, .deadline: return nil
      }
    }
  }

  private mutating func isNewerTickWaiting() -> Bool {
    // What is wrong with a line is told again when its turn comes.
    while waiting.last?.isTick != true, waiting.count < Self.mostWaiting,
      case .line(let line) = try? input.nextWaiting()
    {
      waiting.append(line)
    }
    return waiting.last?.isTick ?? false
  }
}

private func advise(_ advice: String) {
  remark("jam-agent: \(advice)")
}

extension Line {
  fileprivate var isTick: Bool {
    if case .tick = record.event { true } else { false }
  }
}

extension Record {
  /// Whether it is an agent's, who played to the same stream before.
  fileprivate var isOfAnotherTime: Bool {
    switch event {
    case .plan, .settings: true
    default: false
    }
  }

  /// Whether views have to be told what the agent goes by from here on.
  fileprivate var bearsOnSettings: Bool {
    switch event {
    case .header: true
    case .set(let name, _): Settings().all.contains { $0.name == name }
    default: false
    }
  }
}
