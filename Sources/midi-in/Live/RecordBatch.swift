import Music
import Records

/// Records to be written. Their times never go back: a record that would be earlier than the one before
/// gets the time of that one.
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

  /// Removes the records, which were written. Later ones are still no earlier than these.
  mutating func clear() { records.removeAll(keepingCapacity: true) }
}
