import CommandSupport
import Music
import RealTime
import Sequencer
import SystemPackage

/// Measures: starts the tools, plays to them, and notes when it comes back.
struct Session: ~Copyable {
  /// What happens at first is not counted: programs read themselves into memory.
  private static let warmUp = Microseconds(500_000)
  /// What is not back by then is missing.
  private static let patience = Microseconds(1_000_000)

  /// What midi-out gets for what is still to sound.
  private static let lastBeat = Microseconds(150_000)

  private var studio: Studio
  private let stop: StopSignal
  private let duration: Microseconds
  /// Of the agent; nil for as many as it has by itself.
  private let hypotheses: Int?

  init(duration: Microseconds, hypotheses: Int?, stop: StopSignal) throws(Failure) {
    studio = try Studio.open(stop: stop)
    self.stop = stop
    self.duration = duration
    self.hypotheses = hypotheses
  }

  /// What was measured until the time was over, or this tool had to stop.
  mutating func measure(_ subject: Subject) throws(Failure) -> [Measurement] {
    switch subject {
    case .input: try measureInput()
    case .output: try [measureOutput()]
    case .loop: try [measureLoop()]
    }
  }

  private mutating func measureInput() throws(Failure) -> [Measurement] {
    let name = studio.portName("in")
    var tools = try ToolPipe([["midi-in", "--virtual", name, "--start", "now"]], isRead: true)
    var (arrivals, stamps) = (Passage(), Passage())
    if let output = tools.output, let port = try studio.port(named: name, of: tools) {
      try playOneByOne(port, output, &arrivals, &stamps)
    }
    try tools.end()
    return [
      Measurement(
        name: "input", title: "from an event at midi-in's port to its record being readable",
        times: arrivals.times, missing: arrivals.missing),
      Measurement(
        name: "stamp", title: "from an event at midi-in's port to the time in its record",
        times: stamps.times, missing: stamps.missing),
    ]
  }

  /// Plays events to midi-in, and waits for the record of each.
  private mutating func playOneByOne(
    _ port: Address, _ output: FileDescriptor, _ arrivals: inout Passage, _ stamps: inout Passage
  ) throws(Failure) {
    var records = RecordStream(output, stop: stop)
    var strokes = Strokes(period: Microseconds(8_000))
    var due = MonotonicClock.now
    let begin = due + Self.warmUp
    var hasBegun = false
    while due < begin + duration {
      let (message, pause) = strokes.next()
      due = due + pause
      guard try records.read(until: due, { _, _, _ in false }) else { return }
      if !hasBegun, due >= begin {
        hasBegun = true
        arrivals.begin()
        stamps.begin()
      }
      let sent = try studio.play(message, to: port)
      arrivals.sent(message, at: sent)
      stamps.sent(message, at: sent)
      let isOn = try records.read(until: sent + Self.patience) { record, epoch, time in
        guard let message = record.event.message else { return false }
        stamps.came(message, at: epoch + record.time)
        return arrivals.came(message, at: time)
      }
      guard isOn else { return }
      due = max(due, MonotonicClock.now)
    }
  }

  /// Promises midi-out a chord for each beat, and hears when its notes begin.
  private mutating func measureOutput() throws(Failure) -> Measurement {
    let name = studio.portName("out")
    var tools = try ToolPipe([["midi-out", "--virtual", name]], isFed: true)
    var promised = PromisedBeats(warmUp: Self.warmUp, duration: duration)
    if let input = tools.input, let port = try studio.port(named: name, of: tools) {
      try studio.connect(from: port)
      promised.begin(at: MonotonicClock.now + Microseconds(100_000))
      do throws(Failure) {
        try promise(&promised, to: Output(input, name: "midi-out", stop: stop))
      } catch .readerWentAway {
        // How it ended tells why.
      }
    }
    try tools.end()
    return Measurement(
      name: "output", title: "from when a promised note is due to when it is at midi-out's port",
      times: promised.times, missing: promised.missing)
  }

  private mutating func promise(
    _ promised: inout PromisedBeats, to output: consuming Output
  ) throws(Failure) {
    try output.write(promised.header)
    for frame in promised.frames {
      let records = promised.records(of: frame)
      let due = promised.epoch + records[0].time
      guard try studio.listen(until: due, { promised.heard($0.message, at: $0.time) }) else {
        return promised.end(at: MonotonicClock.now)
      }
      for record in records { try output.write(record) }
    }
    let end = MonotonicClock.now + Self.lastBeat
    _ = try studio.listen(until: end) { promised.heard($0.message, at: $0.time) }
  }

  /// Plays events into the whole pipe, whose agent plans meanwhile, and hears them at its far end.
  private mutating func measureLoop() throws(Failure) -> Measurement {
    let (near, far) = (studio.portName("in"), studio.portName("out"))
    let agent = ["jam-agent", "--live"] + (hypotheses.map { ["--hypotheses", "\($0)"] } ?? [])
    var tools = try ToolPipe([
      ["midi-in", "--virtual", near, "--start", "now"], agent,
      ["midi-out", "--virtual", far, "--through"],
    ])
    var passage = Passage()
    if let port = try studio.port(named: near, of: tools),
      let other = try studio.port(named: far, of: tools)
    {
      try studio.connect(from: other)
      try playThrough(port, &passage, tools)
    }
    try tools.end()
    return Measurement(
      name: "loop", title: "from a note at midi-in's port through jam-agent to midi-out's port",
      times: passage.times, missing: passage.missing)
  }

  private mutating func playThrough(
    _ port: Address, _ passage: inout Passage, _ tools: borrowing ToolPipe
  ) throws(Failure) {
    var strokes = Strokes(period: Microseconds(60_000))
    var due = MonotonicClock.now
    // The agent, which has a model to take in, is there once something came through.
    let lastStart = due + Microseconds(10_000_000)
    var begin: Microseconds?
    while due < begin.map({ $0 + duration }) ?? lastStart {
      let (message, pause) = strokes.next()
      due = due + pause
      guard
        try studio.listen(until: due, { passage.came($0.message, at: $0.time) })
      else { return }
      try tools.check()
      if begin == nil, !passage.times.isEmpty { begin = due + Self.warmUp }
      if let begin, due - pause < begin, due >= begin { passage.begin() }
      passage.sent(message, at: try studio.play(message, to: port))
    }
    _ = try studio.listen(until: due + Self.patience) { passage.came($0.message, at: $0.time) }
  }
}
