import Music

/// Where the ticks of a file lie in time.
///
/// Times are sums of whole products and are rounded once: they never drift.
public struct TempoMap: Sendable {
  /// A tempo that holds from a tick on.
  public struct Change: Hashable, Sendable {
    public let tick: Int
    public let microsecondsPerQuarter: Int
    /// The time of the change, in microseconds times ticks per quarter.
    fileprivate let elapsed: Int

    /// In quarter notes a minute: of the tempi that the file writes like this the roundest, 138
    /// rather than 137.999876.
    public var beatsPerMinute: Double {
      let exact = 60_000_000 / Double(microsecondsPerQuarter)
      for scale in [1.0, 10, 100, 1000] {
        let round = (exact * scale).rounded() / scale
        if (60_000_000 / round).rounded() == Double(microsecondsPerQuarter) { return round }
      }
      return exact
    }
  }

  /// What a file that names no tempo is played at: 120 quarter notes a minute.
  public static let defaultMicrosecondsPerQuarter = 500_000

  public let ticksPerQuarter: Int
  /// In order of ticks, each at another tick; the first is at tick 0.
  public let changes: [Change]

  /// The tempi of all tracks together. Of several at one tick the last holds.
  public init(_ file: MidiFile) {
    let tempi = file.merged { event -> Int? in
      if case .tempo(let microsecondsPerQuarter) = event { microsecondsPerQuarter } else { nil }
    }
    var changes = [
      Change(
        tick: 0, microsecondsPerQuarter: Self.defaultMicrosecondsPerQuarter, elapsed: 0)
    ]
    for (tick, tempo) in tempi {
      let last = changes[changes.count - 1]
      let elapsed = last.elapsed + (tick - last.tick) * last.microsecondsPerQuarter
      if last.tick == tick { changes.removeLast() }
      changes.append(Change(tick: tick, microsecondsPerQuarter: tempo, elapsed: elapsed))
    }
    self.changes = changes
    ticksPerQuarter = file.ticksPerQuarter
  }

  /// When a tick comes, counted from tick 0 and rounded to the nearest microsecond.
  public func time(of tick: Int) -> Microseconds {
    let change = changes[changes.lastIndex(notAfter: tick, \.tick)]
    let elapsed = change.elapsed + (tick - change.tick) * change.microsecondsPerQuarter
    return Microseconds(Int64((elapsed + ticksPerQuarter / 2) / ticksPerQuarter))
  }
}

extension MidiFile {
  /// What `select` finds in all tracks, in order of ticks, at one tick in order of tracks.
  func merged<Found>(_ select: (MidiEvent) -> Found?) -> [(tick: Int, value: Found)] {
    var all: [(tick: Int, value: Found)] = []
    for track in tracks {
      for timed in track {
        if let value = select(timed.event) { all.append((max(0, timed.tick), value)) }
      }
    }
    return all.enumerated().sorted {
      ($0.element.tick, $0.offset) < ($1.element.tick, $1.offset)
    }.map(\.element)
  }
}

extension Array {
  /// The last element whose key is not after `limit`, in an array ordered by it; 0 for none.
  func lastIndex(notAfter limit: Int, _ key: (Element) -> Int) -> Int {
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if key(self[middle]) <= limit { low = middle } else { high = middle }
    }
    return low
  }
}
