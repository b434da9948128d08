import CommandSupport
import Music
import RealTime
import Records
import Timeline

/// The ports that a stream is played to, with what they need beside its notes: the MIDI clock, what
/// the person plays, signals and statistics.
struct LivePorts {
  /// What the caller has to do.
  enum Request: Hashable, Sendable {
    /// End all notes.
    case releaseAll
  }

  let sink: PortSink
  /// Whether what the person plays is passed on.
  private let passesThrough: Bool
  /// Nil: no MIDI clock is sent.
  private var clock: ClockPart?
  private let signals: PortSignals
  /// Nil: no statistics are written.
  private var statistics: PortStatistics?

  init(
    _ sink: PortSink, signals: PortSignals, passesThrough: Bool, sendsClock: Bool,
    statistics: PortStatistics?
  ) {
    self.sink = sink
    self.signals = signals
    self.passesThrough = passesThrough
    clock = sendsClock ? ClockPart() : nil
    self.statistics = statistics
  }

  /// Descriptors that can be read when a port came or went, and when a signal came.
  var readiness: (CInt, CInt) { (sink.readiness, signals.fileDescriptor) }

  /// When `serve` has to be called even if no descriptor can be read, on CLOCK_MONOTONIC: to try
  /// events again, or to write statistics. Nil if neither is due.
  var nextDeadline: Microseconds? {
    [sink.nextTry, statistics?.nextDue].compactMap(\.self).min()
  }

  /// Does what is due: follows ports that come and go, writes statistics, handles signals.
  mutating func serve(
    _ wakeup: Wakeup, _ streamTime: Microseconds, _ counts: StreamPlayer.Counts?
  ) throws(Failure) -> Request? {
    try sink.receive()
    if statistics?.isDue(at: wakeup.time) ?? false {
      statistics?.write(sink, counts, at: streamTime)
    }
    var request: Request?
    while let signal = signals.next() {
      switch signal {
      case .panic:
        try sink.panic()
        try stopClock(at: streamTime)
      case .suspend:
        try sink.silence()
        try stopClock(at: streamTime)
        // Returns when the process is continued.
        PortSignals.suspendProcess()
      }
      request = .releaseAll
    }
    return request
  }

  /// Sends what follows from a record beside the player's cues: clock messages, and what the person
  /// plays.
  mutating func receive(
    _ record: Record, _ timeline: Timeline, isPlaying: Bool
  ) throws(Failure) {
    switch record.event {
    case .tick(let frame) where isPlaying:
      for pulse in clock?.enter(frame, timeline) ?? [] { try sink.send(pulse) }
    case .set where !isPlaying: try stopClock(at: record.time)
    case .message(let message):
      if passesThrough { try sink.pass(message, at: record.time) }
    default: break
    }
  }

  /// The music is over.
  mutating func end(at streamTime: Microseconds, _ counts: StreamPlayer.Counts?) throws(Failure) {
    try stopClock(at: streamTime)
    statistics?.write(sink, counts, at: streamTime)
  }

  private mutating func stopClock(at time: Microseconds) throws(Failure) {
    for pulse in clock?.stop(at: time) ?? [] { try sink.send(pulse) }
  }
}
