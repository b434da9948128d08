import Music
import Records

/// What a stream contains.
public struct StreamSummary: Hashable, Sendable {
  public internal(set) var lines = 0
  /// Lines that are records.
  public internal(set) var records = 0
  /// How many records there are of each type; those of unknown types together, as `unknown`.
  public internal(set) var types: [String: Int] = [:]
  /// Frames that were not committed when the next one began, once there were plans.
  public internal(set) var missed = 0
  public internal(set) var breaches = 0
  /// The times of the first and of the last record; nil without records.
  public private(set) var times: ClosedRange<Microseconds>?
  public private(set) var header: Header?

  public init() {}

  mutating func add(_ record: Record) {
    records += 1
    let isKnown = if case .unknown = record.event { false } else { true }
    types[isKnown ? record.event.typeName : "unknown", default: 0] += 1
    if case .header(let first) = record.event, header == nil { header = first }
    let (first, last) = (times?.lowerBound ?? record.time, times?.upperBound ?? record.time)
    times = min(first, record.time)...max(last, record.time)
  }
}
