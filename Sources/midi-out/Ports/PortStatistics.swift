import CommandSupport
import Music
import RealTime
import Records

/// Writes counters of what was played to ports, as `stat` records on standard error, at a fixed period.
struct PortStatistics {
  private let period: Microseconds
  /// On CLOCK_MONOTONIC.
  private(set) var nextDue: Microseconds

  init(period: Microseconds) {
    self.period = period
    nextDue = MonotonicClock.now + period
  }

  /// Whether a record is due. The next one is due a period after this one was.
  mutating func isDue(at time: Microseconds) -> Bool {
    guard nextDue <= time else { return false }
    nextDue = nextDue + period
    return true
  }

  func write(_ sink: PortSink, _ counts: StreamPlayer.Counts?, at streamTime: Microseconds) {
    let played = sink.counts
    let counters: [(String, Double)] = [
      ("notes", Double(played.notes)), ("late", Double(played.late)),
      ("late_ms", Double(played.latest.rawValue) / 1000),
      ("dropped", Double(counts?.lateNotes ?? 0)), ("revoked", Double(sink.revocations)),
      ("reconnected", Double(played.reconnections)),
    ]
    let stat = Record(
      time: max(streamTime, .zero),
      event: .stat(counters.map { Counter(name: $0.0, value: $0.1) }))
    remark(RecordPrinter().line(stat))
  }
}
