import CommandSupport
import Music
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
  /// Where no tick comes for so many beats after its time, nobody plays any more: what sounds ends, until
  /// one does.
  private static let beatsOfPatience = 4
  /// Lines that are read before their time.
  private static let mostHeld = 256
  /// The last frame may last longer where the tempo is very slow.
  private static let longestEnding = Microseconds(2_000_000)

  let pace: Pace
  let settings: PlayerSettings
  /// Those that still play.
  private(set) var sinks: [any Sink]
  /// What is to be done for ports beside playing; nil without any.
  private var attendance: Attendance?
  /// Says something on standard error.
  let report: (String) -> Void
  private var player: Player?
  private var clock: StreamClock?
  private var hasBegun = false
  private var saidContradiction = false
  private var saidUnreadable = false
  /// Why a sink fell silent.
  private var loss: Failure?
  /// Lines that were read and whose time has not come.
  private var held: ArraySlice<Line> = []
  /// Whether the next line was not there yet when it was looked for.
  private var isWaitedFor = false
  /// Nil while there is more to read.
  private var inputEnd: Result<Void, Failure>?
  /// When patience ends, on CLOCK_MONOTONIC; nil while nothing sounds.
  private var endOfPatience: Microseconds?

  init(
    pace: Pace, settings: PlayerSettings, sinks: [any Sink], attendance: Attendance? = nil,
    report: @escaping (String) -> Void
  ) {
    self.pace = pace
    self.settings = settings
    self.sinks = sinks
    self.attendance = attendance
    self.report = report
  }

  /// Plays until the input ends or the stop signal is raised, and finishes what is written.
  mutating func run(_ input: inout Input, stop: StopSignal) throws(Failure) {
    do throws(Failure) {
      while let line = try next(&input, stop) {
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
      if pace == .realtime, hasBegun { try? finish(stop) }
      throw error
    }
    if player != nil { try finish(stop) }
    if let loss { throw loss }
  }

  /// The next line, when its time has come; nil at the end, or when the tool has to stop.
  private mutating func next(_ input: inout Input, _ stop: StopSignal) throws(Failure) -> Line? {
    guard pace == .realtime else {
      guard case .line(let line) = try input.next() else { return nil }
      return line
    }
    while true {
      let now = MonotonicClock.now
      readAhead(&input, at: now)
      if let line = held.first, dueTime(of: line.record, now: now) <= now {
        held.removeFirst()
        return line
      }
      if held.isEmpty, let end = inputEnd {
        try end.get()
        return nil
      }
      guard try wait(until: held.first.map { dueTime(of: $0.record, now: now) }, input, stop)
      else { return nil }
    }
  }

  /// Takes what has come, also where its time has not: when it came tells how the clocks go.
  private mutating func readAhead(_ input: inout Input, at now: Microseconds) {
    do throws(Failure) {
      while inputEnd == nil, held.count < Self.mostHeld {
        guard let step = try input.nextWaiting() else {
          isWaitedFor = true
          return
        }
        guard case .line(let line) = step else {
          inputEnd = .success(())
          return
        }
        held.append(line)
        if case .header(let header) = line.record.event { clock = StreamClock(epoch: header.epoch) }
        if isWaitedFor { clock?.arrived(line.record.time, now: now) }
        isWaitedFor = false
      }
    } catch {
      // What came before is played first.
      inputEnd = .failure(error)
    }
  }

  private mutating func dueTime(of record: Record, now: Microseconds) -> Microseconds {
    if case .header = record.event { return now }
    return clock?.clockTime(of: record.time, now: now) ?? now
  }

  /// Waits for the held line's time or for a line, and attends to what else happens. False when the tool
  /// has to stop.
  private mutating func wait(
    until due: Microseconds?, _ input: borrowing Input, _ stop: StopSignal
  ) throws(Failure) -> Bool {
    let deadline = [due, endOfPatience, attendance?.nextDeadline].compactMap(\.self).min()
    let wakeup = MonotonicClock.wait(
      until: deadline, stop: stop.fileDescriptor.rawValue,
      input: inputEnd == nil && held.count < Self.mostHeld ? input.fileDescriptor.rawValue : nil,
      others: attendance?.readiness)
    guard let wakeup else { return false }
    if let end = endOfPatience, end <= wakeup.time {
      endOfPatience = nil
      try releaseAll(at: wakeup.time)
    }
    let streamTime = clock?.streamTime(at: wakeup.time) ?? .zero
    do throws(Failure) {
      if try attendance?.attend(wakeup, streamTime, player?.counts) == .panic {
        try releaseAll(at: wakeup.time)
      }
    } catch {
      try lose(attendance?.ports, error)
    }
    return true
  }

  private mutating func releaseAll(at clockTime: Microseconds) throws(Failure) {
    guard let now = clock?.streamTime(at: clockTime) else { return }
    let frame = player?.frame ?? Frame(0)
    try forEachSink { sink throws(Failure) in try sink.foresee([], after: frame) }
    try send(player?.release(at: now) ?? [])
  }

  private mutating func play(_ line: Line) throws(Failure) {
    let record = line.record
    if case .header(let header) = record.event {
      player = Player(header: header, settings: settings)
    }
    let now = pace == .realtime ? clock?.streamTime(at: MonotonicClock.now) : nil
    if let zero = clock?.zero { for sink in sinks { sink.follow(zero: zero) } }
    guard let cues = player?.receive(record, at: now) else { return }
    try begin()
    try send(cues)
    try playAhead(record, now)
    let settled = record.time - min(settings.lateLimit, Self.longestSettling)
    try forEachSink { sink throws(Failure) in try sink.advance(to: settled) }
    warn(line.number)
  }

  /// What follows from a record beside what it plays: where time is real, what comes after it is sent
  /// ahead.
  private mutating func playAhead(_ record: Record, _ now: Microseconds?) throws(Failure) {
    guard let now, let timeline = player?.timeline, let frame = player?.frame else { return }
    do throws(Failure) {
      try attendance?.hear(record, timeline, isPlaying: player?.isPlaying ?? true)
    } catch {
      try lose(attendance?.ports, error)
    }
    switch record.event {
    case .tick:
      let end = timeline.time(of: frame + Self.beatsOfPatience * timeline.framesPerBeat)
      endOfPatience = clock?.zero.map { $0 + end }
    case .plan, .set: break
    default: return
    }
    guard !sinks.isEmpty, attendance != nil, let cues = player?.foresee(at: now) else { return }
    try forEachSink { sink throws(Failure) in try sink.foresee(cues, after: frame) }
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

  private mutating func finish(_ stop: StopSignal) throws(Failure) {
    let endings = player?.finish() ?? []
    try send(endings)
    let frame = player?.frame ?? Frame(0)
    try forEachSink { sink throws(Failure) in try sink.foresee([], after: frame) }
    // What is heard lasts to its end, unless somebody stops it.
    if pace == .realtime, attendance != nil, let end = endings.last?.time, let zero = clock?.zero {
      let deadline = min(zero + end, MonotonicClock.now + Self.longestEnding)
      _ = MonotonicClock.wait(until: deadline, stop: stop.fileDescriptor.rawValue)
    }
    try? attendance?.end(at: clock?.streamTime(at: MonotonicClock.now) ?? .zero, player?.counts)
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
        try lose(sink, error)
      }
    }
  }

  private mutating func lose(_ sink: (any Sink)?, _ error: Failure) throws(Failure) {
    sinks.removeAll { $0 === sink }
    if let ports = attendance?.ports, ports === sink {
      try? ports.silence()
      attendance = nil
    }
    guard pace == .realtime, !sinks.isEmpty else { throw error }
    if loss == nil { loss = error }
    report(error.message)
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
