import CommandSupport
import Glibc
import Music
import RealTime
import Records
import SystemPackage
import Timeline

/// What is to be done for ports beside playing to them.
struct Attendance {
  /// What the person asks for.
  enum Request: Hashable, Sendable {
    case panic
  }

  let ports: PortSink
  /// Whether what the person plays is passed on.
  let passesThrough: Bool
  /// Nil: no MIDI clock is sent.
  private var clock: ClockPart?
  private let notices: SignalNotices
  /// Between two `stat` records; nil for none.
  private let statsPeriod: Microseconds?
  private var nextStats: Microseconds?

  init(
    _ ports: PortSink, notices: SignalNotices, passesThrough: Bool, sendsClock: Bool,
    statsPeriod: Microseconds?
  ) {
    self.ports = ports
    self.notices = notices
    self.passesThrough = passesThrough
    clock = sendsClock ? ClockPart() : nil
    self.statsPeriod = statsPeriod
    nextStats = statsPeriod.map { MonotonicClock.now + $0 }
  }

  /// Readable when a port came or went, or when the person asks for something.
  var readiness: (CInt, CInt) { (ports.readiness, notices.fileDescriptor.rawValue) }

  /// On CLOCK_MONOTONIC.
  var nextDeadline: Microseconds? {
    [ports.nextTry, nextStats].compactMap(\.self).min()
  }

  /// Does what is due, and says what the person asks for.
  mutating func attend(
    _ wakeup: Wakeup, _ streamTime: Microseconds, _ counts: Player.Counts?
  ) throws(Failure) -> Request? {
    try ports.attend()
    if let due = nextStats, let period = statsPeriod, due <= wakeup.time {
      nextStats = due + period
      writeStats(at: streamTime, counts)
    }
    var request: Request?
    while let signal = notices.next() {
      switch signal {
      case SIGUSR1:
        try ports.panic()
        try stopClock(at: streamTime)
        request = .panic
      case SIGTSTP:
        try ports.silence()
        try stopClock(at: streamTime)
        // Everything stands still until somebody lets this process go on.
        kill(getpid(), SIGSTOP)
        request = .panic
      default: break
      }
    }
    return request
  }

  /// Takes up a record of the stream: what is passed on, and what the clock says.
  mutating func hear(
    _ record: Record, _ timeline: Timeline, isPlaying: Bool
  ) throws(Failure) {
    switch record.event {
    case .tick(let frame) where isPlaying:
      for pulse in clock?.enter(frame, timeline) ?? [] { try ports.send(pulse) }
    case .set where !isPlaying: try stopClock(at: record.time)
    case .message(let message):
      if passesThrough { try ports.pass(message, at: record.time) }
    default: break
    }
  }

  /// The music is over.
  mutating func end(at streamTime: Microseconds, _ counts: Player.Counts?) throws(Failure) {
    try stopClock(at: streamTime)
    if statsPeriod != nil { writeStats(at: streamTime, counts) }
  }

  private mutating func stopClock(at time: Microseconds) throws(Failure) {
    for pulse in clock?.stop(at: time) ?? [] { try ports.send(pulse) }
  }

  private func writeStats(at streamTime: Microseconds, _ counts: Player.Counts?) {
    let played = ports.counts
    let counters: [(String, Double)] = [
      ("notes", Double(played.notes)), ("late", Double(played.late)),
      ("late_ms", Double(played.latest.rawValue) / 1000),
      ("dropped", Double(counts?.lateNotes ?? 0)), ("revoked", Double(ports.revocations)),
      ("reconnected", Double(played.reconnections)),
    ]
    let stat = Record(
      time: max(streamTime, .zero),
      event: .stat(counters.map { Counter(name: $0.0, value: $0.1) }))
    remark(RecordPrinter().line(stat))
  }
}
