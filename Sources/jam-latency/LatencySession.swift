import CommandSupport
import Music
import RealTime
import Sequencer
import SystemPackage

/// Measures latencies: starts the tools, plays to them, and takes the time until the events come
/// back.
struct LatencySession: ~Copyable {
  /// Events of this time at first are not counted, because programs are still being loaded.
  private static let warmUp = Microseconds(500_000)
  /// An event that is not back within this time is missing.
  private static let eventTimeout = Microseconds(1_000_000)
  /// The time at the end for notes that midi-out has still to play.
  private static let lastBeat = Microseconds(150_000)

  private var studio: Studio
  private let stop: StopSignal
  private let duration: Microseconds
  /// The agent's number of hypotheses; nil for its default.
  private let hypotheses: Int?

  init(duration: Microseconds, hypotheses: Int?, stop: StopSignal) throws(Failure) {
    studio = try Studio.open(stop: stop)
    self.stop = stop
    self.duration = duration
    self.hypotheses = hypotheses
  }

  /// Measures until the time is over, or until this tool has to stop.
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
      let isOn = try records.read(until: sent + Self.eventTimeout) { record, epoch, time in
        guard let message = record.event.message else { return false }
        stamps.came(message, at: epoch + record.time)
        return arrivals.came(message, at: time)
      }
      guard isOn else { return }
      due = max(due, MonotonicClock.now)
    }
  }

  /// Commits a chord for each beat to midi-out, and takes the times when its notes begin.
  private mutating func measureOutput() throws(Failure) -> Measurement {
    let name = studio.portName("out")
    var tools = try ToolPipe([["midi-out", "--virtual", name]], isFed: true)
    var beats = CommittedBeats(warmUp: Self.warmUp, duration: duration)
    if let input = tools.input, let port = try studio.port(named: name, of: tools) {
      try studio.connect(from: port)
      beats.begin(at: MonotonicClock.now + Microseconds(100_000))
      do throws(Failure) {
        try play(&beats, to: Output(input, name: "midi-out", stop: stop))
      } catch .readerWentAway {
        // midi-out has ended; its exit status tells why.
      }
    }
    try tools.end()
    return Measurement(
      name: "output", title: "from when a committed note is due to when it is at midi-out's port",
      times: beats.times, missing: beats.missing)
  }

  private mutating func play(
    _ beats: inout CommittedBeats, to output: consuming Output
  ) throws(Failure) {
    try output.write(beats.header)
    for frame in beats.frames {
      let records = beats.records(of: frame)
      let due = beats.epoch + records[0].time
      guard try studio.receive(until: due, { beats.receive($0.message, at: $0.time) }) else {
        beats.end(at: MonotonicClock.now)
        return try output.write(beats.ending(at: MonotonicClock.now))
      }
      for record in records { try output.write(record) }
    }
    let end = MonotonicClock.now + Self.lastBeat
    _ = try studio.receive(until: end) { beats.receive($0.message, at: $0.time) }
    try output.write(beats.ending(at: MonotonicClock.now))
  }

  /// Plays events into the whole pipeline, whose agent plans meanwhile, and receives them at its
  /// far end.
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
    // The agent is ready, with its model loaded, once an event came through.
    let lastStart = due + Microseconds(10_000_000)
    var begin: Microseconds?
    while due < begin.map({ $0 + duration }) ?? lastStart {
      let (message, pause) = strokes.next()
      due = due + pause
      guard
        try studio.receive(until: due, { passage.came($0.message, at: $0.time) })
      else { return }
      try tools.check()
      if begin == nil, !passage.times.isEmpty { begin = due + Self.warmUp }
      if let begin, due - pause < begin, due >= begin { passage.begin() }
      passage.sent(message, at: try studio.play(message, to: port))
    }
    _ = try studio.receive(until: due + Self.eventTimeout) { passage.came($0.message, at: $0.time) }
  }
}
