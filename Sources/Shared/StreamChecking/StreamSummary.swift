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
    types[record.event.typeName, default: 0] += 1
    if case .header(let first) = record.event, header == nil { header = first }
    let (first, last) = (times?.lowerBound ?? record.time, times?.upperBound ?? record.time)
    times = min(first, record.time)...max(last, record.time)
  }
}

extension Event {
  /// The name of the record's type; `unknown` for a type that this version does not know.
  fileprivate var typeName: String {
    switch self {
    case .header: "header"
    case .message(.noteOn): "note_on"
    case .message(.noteOff): "note_off"
    case .message(.control): "control"
    case .message(.program): "program"
    case .message(.bend): "bend"
    case .tick: "tick"
    case .tempo: "tempo"
    case .meter: "meter"
    case .set: "set"
    case .settings: "settings"
    case .plan: "plan"
    case .marker: "marker"
    case .stat: "stat"
    case .end: "end"
    case .unknown: "unknown"
    }
  }
}
