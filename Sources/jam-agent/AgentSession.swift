import AgentSettings
import CommandSupport
import Music
import RealTime
import Records
import SystemPackage

/// Connects the agent with its input and its output.
struct AgentSession: ~Copyable {
  private var agent: Agent
  /// Whether a tick gets no plan if a newer one waits already.
  private let isLive: Bool
  private var input: Input
  private var output: Output
  /// Where `set` records come from beside the input.
  private var control: ControlFile?
  /// Once the stop signal was raised: until when the last records of the input are awaited.
  private var deadline: Microseconds?
  /// Lines read ahead, to see whether a newer tick waits: only the last can be a tick.
  private var waiting: ArraySlice<Line> = []
  private var counts = Counts()

  private struct Counts {
    var ticks = 0
    /// Ticks without a plan, and those since the last plan.
    var missed = 0
    var missedInARow = 0
  }

  /// How many lines are read ahead at most.
  private static let maxWaiting = 1024
  /// After so many missed ticks, a beat, the next tick gets a plan however late it is: the music
  /// must go on.
  private static let maxMissedInARow = 4
  /// How long the last records are awaited after a stop signal. ctrl-C stops the whole pipeline,
  /// and the stages before the agent then end their notes and the stream.
  private static let longestEnding = Microseconds(500_000)

  init(
    agent: consuming Agent, isLive: Bool, control: consuming ControlFile?,
    input: consuming Input, output: consuming Output
  ) {
    self.agent = agent
    self.isLive = isLive
    self.control = control
    self.input = input
    self.output = output
  }

  /// Passes the input on to its end, in order, with a plan after each tick, and a `settings` record
  /// after the header and after each `set` of the agent. Drops plans and settings in the input: an
  /// earlier session of the agent wrote them.
  mutating func play() throws {
    // Nil before the header, which is the first record.
    var time: Microseconds?
    while let line = try next() {
      if line.record.isFromAnEarlierAgent { continue }
      if let time { try takeControlRecords(at: time) }
      try output.write(line)
      time = line.record.time
      let isPlanWanted = line.isTick && wantsPlan()
      try answer(line.record, line: line.number, isPlanWanted: isPlanWanted)
    }
    input.remarkBreakOff("jam-agent")
    guard isLive else { return }
    let counters = [
      Counter(name: "ticks", value: Double(counts.ticks)),
      Counter(name: "missed", value: Double(counts.missed)),
    ]
    try output.write(Record(time: time ?? .zero, event: .stat(counters)))
  }

  /// Writes what the agent answers to a record. A mistake in the stream is told with its line.
  private mutating func answer(_ record: Record, line: Int, isPlanWanted: Bool = false) throws {
    let answer: Agent.Answer
    do {
      answer = try agent.receive(record, isPlanWanted: isPlanWanted)
    } catch {
      throw Failure.badData(input.name, line: line, "\(error)")
    }
    if let advice = answer.advice { advise(advice) }
    if record.concernsSettings {
      try output.write(Record(time: record.time, event: .settings(agent.settings.all)))
    }
    if let plan = answer.plan { try output.write(plan) }
  }

  /// Handles the `set` records written to the control file, as if they were records of the input
  /// at the time of its latest record. So a recording of the output holds them, and replays to the
  /// same bytes.
  private mutating func takeControlRecords(at time: Microseconds) throws {
    for (name, value) in control?.take(complain: advise) ?? [] {
      let record = Record(time: time, event: .set(name: name, value: value))
      try output.write(record)
      try answer(record, line: 0)
    }
  }

  /// Whether the tick that has come gets a plan. Counts ticks and missed ones.
  private mutating func wantsPlan() -> Bool {
    counts.ticks += 1
    if isLive, counts.missedInARow < Self.maxMissedInARow, isNewerTickWaiting() {
      counts.missed += 1
      counts.missedInARow += 1
      return false
    }
    counts.missedInARow = 0
    return true
  }

  private mutating func isNewerTickWaiting() -> Bool {
    // An error in a waiting line is reported when its turn comes.
    while waiting.last?.isTick != true, waiting.count < Self.maxWaiting,
      case .line(let line) = try? input.nextWaiting()
    {
      waiting.append(line)
    }
    return waiting.last?.isTick ?? false
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
  /// Whether an agent wrote it that played to the same stream before.
  fileprivate var isFromAnEarlierAgent: Bool {
    switch event {
    case .plan, .settings: true
    default: false
    }
  }

  /// Whether the agent's settings have to be told after it.
  fileprivate var concernsSettings: Bool {
    switch event {
    case .header: true
    case .set(let name, _): Settings.table.contains { $0.name == name }
    default: false
    }
  }
}
