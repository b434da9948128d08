import Music
import Records

/// Records to be written, in order of their times: one that would be earlier than the one before it gets
/// the time of that.
struct RecordBatch: Sendable {
  private(set) var records: [Record] = []
  private var latest = Microseconds.zero

  mutating func add(_ event: Event, at time: Microseconds) {
    latest = max(latest, time)
    records.append(Record(time: latest, event: event))
  }

  mutating func add(_ message: ChannelMessage, at time: Microseconds) {
    add(.message(message), at: time)
  }

  mutating func add(_ record: Record) { add(record.event, at: record.time) }

  /// They were written. What is added afterwards is still no earlier.
  mutating func clear() { records.removeAll(keepingCapacity: true) }
}
