import CommandSupport
import RealTime
import Records
import SystemPackage

/// Plays a stream: tells the player what comes, and the sinks what it answers.
struct Performance {
  enum Pace: String, CaseIterable, Sendable {
    /// No record before its time.
    case realtime
    /// As fast as records come.
    case fast
  }

  /// Sinks that render wait so long for cues that come after their time.
  private static let longestSettling = Microseconds(200_000)

  let pace: Pace
  let settings: PlayerSettings
  /// Those that still play.
  private(set) var sinks: [any Sink]
  /// Says something on standard error.
  let report: (String) -> Void
  private var player: Player?
  private var clock: StreamClock?
  private var hasBegun = false
  private var saidContradiction = false
  private var saidUnreadable = false
  /// Why a sink fell silent.
  private var loss: Failure?

  init(
    pace: Pace, settings: PlayerSettings, sinks: [any Sink], report: @escaping (String) -> Void
  ) {
    self.pace = pace
    self.settings = settings
    self.sinks = sinks
    self.report = report
  }

  /// Plays until the input ends or the stop signal is raised, and finishes what is written.
  mutating func run(_ input: inout Input, stop: StopSignal) throws(Failure) {
    do throws(Failure) {
      while case .line(let line) = try input.next() {
        guard wait(for: line.record, stop) else { break }
        try play(line)
        if case .end(reason: "error") = line.record.event {
          throw Failure.badData(
            input.name, line: line.number, "the stream was broken off by an error")
        }
      }
      if player == nil, !stop.isRaised {
        throw Failure.badData(input.name, "expected a header, found the end")
      }
    } catch {
      // What was played in real time was heard, so it stays; a file that nobody waited for is
      // either right or not there.
      if pace == .realtime, hasBegun { try? finish() }
      throw error
    }
    if player != nil { try finish() }
    if let loss { throw loss }
  }

  /// Waits until a record's time has come; false if there is nothing to wait for any more.
  private mutating func wait(for record: Record, _ stop: StopSignal) -> Bool {
    guard pace == .realtime else { return true }
    if case .header(let header) = record.event {
      clock = StreamClock(header: header)
      return true
    }
    let now = MonotonicClock.now
    guard let due = clock?.clockTime(of: record.time, now: now), due > now else { return true }
    return MonotonicClock.wait(until: due, stop: stop.fileDescriptor.rawValue) != nil
  }

  private mutating func play(_ line: Line) throws(Failure) {
    let record = line.record
    if case .header(let header) = record.event {
      player = Player(header: header, settings: settings)
    }
    let now = pace == .realtime ? clock?.streamTime(at: MonotonicClock.now) : nil
    guard let cues = player?.receive(record, at: now) else { return }
    try begin()
    try send(cues)
    let settled = record.time - min(settings.lateLimit, Self.longestSettling)
    try forEachSink { sink throws(Failure) in try sink.advance(to: settled) }
    warn(line.number)
  }

  private mutating func begin() throws(Failure) {
    guard !hasBegun, let player, let (frame, time) = player.start else { return }
    hasBegun = true
    let start = Start(
      frame: frame, time: time, framesPerBeat: player.timeline.framesPerBeat)
    try forEachSink { sink throws(Failure) in try sink.begin(at: start) }
  }

  private mutating func send(_ cues: [Cue]) throws(Failure) {
    guard !cues.isEmpty else { return }
    try forEachSink { sink throws(Failure) in
      for cue in cues { try sink.play(cue) }
    }
  }

  private mutating func finish() throws(Failure) {
    try send(player?.finish() ?? [])
    try forEachSink { sink throws(Failure) in try sink.finish() }
    if let late = player?.counts.lateNotes, late > 0 {
      report("began too late and were not played: \(late) \(late == 1 ? "note" : "notes")")
    }
  }

  /// In real time nothing stops the music: a sink that fails is left out, and the others play on.
  private mutating func forEachSink(
    _ body: (any Sink) throws(Failure) -> Void
  ) throws(Failure) {
    for sink in sinks {
      do throws(Failure) {
        try body(sink)
      } catch {
        sinks.removeAll { $0 === sink }
        guard pace == .realtime, !sinks.isEmpty else { throw error }
        if loss == nil { loss = error }
        report(error.message)
      }
    }
  }

  private mutating func warn(_ line: Int) {
    guard let counts = player?.counts else { return }
    if counts.contradictions > 0, !saidContradiction {
      saidContradiction = true
      report("<stdin>:\(line): the plan changes what was committed; what was promised is played")
    }
    if counts.unreadableChords > 0, !saidUnreadable {
      saidUnreadable = true
      report("<stdin>:\(line): a chord that can't be read is not played")
    }
  }
}
