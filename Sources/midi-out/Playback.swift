import CommandSupport
import Music
import RealTime
import Records
import SystemPackage

/// Plays a stream: gives its records to the player, and the player's cues to the sinks.
struct Playback {
  enum Pace: String, CaseIterable, Sendable {
    /// No record before its time.
    case realtime
    /// As fast as records come.
    case fast
  }

  /// Sinks that render sound wait at most this long for cues that come after their time.
  private static let longestSettling = Microseconds(200_000)
  /// If the next tick is this many beats late, nobody plays any more: the notes end.
  private static let tickTimeoutBeats = 4
  /// At the end, notes last no longer than this, however slow the tempo is.
  private static let longestEnding = Microseconds(2_000_000)

  let pace: Pace
  let settings: PlayerSettings
  /// The sinks that have not failed.
  private(set) var sinks: [any Sink]
  /// Nil if no ports are played to.
  private var ports: LivePorts?
  /// Says something on standard error.
  let report: (String) -> Void
  private var player: StreamPlayer?
  private var timing = TimedLines()
  private var hasBegun = false
  private var saidContradiction = false
  /// The symbols of which it was said that they can't be read.
  private var saidUnreadable: Set<String> = []
  /// Of how many this is said at most.
  private static let mostUnreadable = 100
  /// The failure of the first sink that failed.
  private var failure: Failure?
  /// When notes end for want of a tick, on CLOCK_MONOTONIC; nil before the first tick.
  private var tickDeadline: Microseconds?

  init(
    pace: Pace, settings: PlayerSettings, sinks: [any Sink], ports: LivePorts? = nil,
    report: @escaping (String) -> Void
  ) {
    self.pace = pace
    self.settings = settings
    self.sinks = sinks
    self.ports = ports
    self.report = report
  }

  /// Plays until the input ends or the stop signal is raised, and completes the files.
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
        // Whoever should have written into the pipe has said why it did not.
        if input.isPipe { throw Failure("", status: .badData) }
        throw Failure.badData(input.name, "expected a header, found the end")
      }
    } catch {
      // In real time, the files keep what was played before the failure. A fast rendering can be
      // repeated, so it leaves no incomplete file.
      if pace == .realtime, hasBegun { try? finish(stop) }
      throw error
    }
    if player != nil { try finish(stop) }
    input.remarkBreakOff("midi-out")
    if let failure { throw failure }
  }

  /// The next line, when its time has come. Nil at the end, or when the tool has to stop.
  private mutating func next(_ input: inout Input, _ stop: StopSignal) throws(Failure) -> Line? {
    guard pace == .realtime else {
      guard case .line(let line) = try input.next() else { return nil }
      return line
    }
    while true {
      switch try timing.next(&input, at: MonotonicClock.now) {
      case .line(let line): return line
      case .end: return nil
      case .wait(let due): guard try wait(until: due, input, stop) else { return nil }
      }
    }
  }

  /// Waits until a time or for input, and serves the ports meanwhile. False when the tool has to
  /// stop.
  private mutating func wait(
    until due: Microseconds?, _ input: borrowing Input, _ stop: StopSignal
  ) throws(Failure) -> Bool {
    let deadline = [due, tickDeadline, ports?.nextDeadline].compactMap(\.self).min()
    let wakeup = MonotonicClock.wait(
      until: deadline, stop: stop.fileDescriptor.rawValue,
      input: timing.canRead ? input.fileDescriptor.rawValue : nil, others: ports?.readiness)
    guard let wakeup else { return false }
    if let end = tickDeadline, end <= wakeup.time {
      tickDeadline = nil
      try releaseAll(at: wakeup.time)
    }
    let streamTime = timing.clock?.streamTime(at: wakeup.time) ?? .zero
    do throws(Failure) {
      if try ports?.serve(wakeup, streamTime, player?.counts) == .releaseAll {
        try releaseAll(at: wakeup.time)
      }
    } catch {
      try lose(ports?.sink, error)
    }
    return true
  }

  private mutating func releaseAll(at clockTime: Microseconds) throws(Failure) {
    guard let now = timing.clock?.streamTime(at: clockTime) else { return }
    let frame = player?.frame ?? Frame(0)
    try forEachSink { sink throws(Failure) in try sink.preview([], after: frame) }
    try send(player?.release(at: now) ?? [])
  }
}

// MARK: Records

extension Playback {
  private mutating func play(_ line: Line) throws(Failure) {
    let record = line.record
    if case .header(let header) = record.event {
      player = StreamPlayer(header: header, settings: settings)
    }
    let now = pace == .realtime ? timing.clock?.streamTime(at: MonotonicClock.now) : nil
    if let zero = timing.clock?.zero { for sink in sinks { sink.follow(zero: zero) } }
    guard let cues = player?.receive(record, at: now) else { return }
    try begin()
    try send(cues)
    if let now { try playAhead(record, now) }
    let settled = record.time - min(settings.lateLimit, Self.longestSettling)
    try forEachSink { sink throws(Failure) in try sink.advance(to: settled) }
    warn(line.number)
  }

  /// Sends to ports what follows a record, before its time comes.
  private mutating func playAhead(_ record: Record, _ now: Microseconds) throws(Failure) {
    guard let timeline = player?.timeline, let frame = player?.frame else { return }
    do throws(Failure) {
      try ports?.receive(record, timeline, isPlaying: player?.isPlaying ?? true)
    } catch {
      try lose(ports?.sink, error)
    }
    switch record.event {
    case .tick:
      let end = timeline.time(of: frame + Self.tickTimeoutBeats * timeline.framesPerBeat)
      tickDeadline = timing.clock?.zero.map { $0 + end }
    case .plan, .set: break
    default: return
    }
    guard !sinks.isEmpty, ports != nil, let cues = player?.previewCommitted(at: now) else { return }
    try forEachSink { sink throws(Failure) in try sink.preview(cues, after: frame) }
  }

  private mutating func begin() throws(Failure) {
    guard !hasBegun, let player, let (frame, time) = player.start else { return }
    hasBegun = true
    let start = PlaybackStart(
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
    try forEachSink { sink throws(Failure) in try sink.preview([], after: frame) }
    // The last notes sound to their end, unless the tool is stopped.
    if pace == .realtime, ports != nil, let end = endings.last?.time,
      let zero = timing.clock?.zero
    {
      let deadline = min(zero + end, MonotonicClock.now + Self.longestEnding)
      _ = MonotonicClock.wait(until: deadline, stop: stop.fileDescriptor.rawValue)
    }
    let streamTime = timing.clock?.streamTime(at: MonotonicClock.now) ?? .zero
    try? ports?.end(at: streamTime, player?.counts)
    try forEachSink { sink throws(Failure) in try sink.finish() }
    if let late = player?.counts.lateNotes, late > 0 {
      report("began too late and were not played: \(late) \(late == 1 ? "note" : "notes")")
    }
  }
}

// MARK: Failures

extension Playback {
  /// In real time a sink that fails is left out, and the others play on.
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
    if let portSink = ports?.sink, portSink === sink {
      try? portSink.silence()
      ports = nil
    }
    guard pace == .realtime, !sinks.isEmpty else { throw error }
    if failure == nil { failure = error }
    report(error.message)
  }

  /// Says once of each fault of the stream that it was met.
  private mutating func warn(_ line: Int) {
    guard let counts = player?.counts else { return }
    if counts.contradictions > 0, !saidContradiction {
      saidContradiction = true
      report(
        "<stdin>:\(line): the plan changes what was committed; the committed chords are played")
    }
    if let error = player?.unreadableChord, saidUnreadable.count < Self.mostUnreadable,
      saidUnreadable.insert(error.found).inserted
    {
      report("<stdin>:\(line): \(error); it is not played")
    }
  }
}
