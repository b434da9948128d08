import Music

/// The times of the ticks of a file.
///
/// Times are exact sums that are rounded once, so they never drift.
public struct TempoMap: Sendable {
  /// A tempo, and the tick from which it holds.
  public struct Change: Hashable, Sendable {
    public let tick: Int
    public let microsecondsPerQuarter: Int
    /// The time of the change, in microseconds times ticks per quarter.
    fileprivate let elapsed: Int

    /// In quarter notes a minute. Of all tempi that files write with the same bytes it is the
    /// roundest: 138, not 137.999876.
    public var beatsPerMinute: Double {
      let exact = 60_000_000 / Double(microsecondsPerQuarter)
      for scale in [1.0, 10, 100, 1000] {
        let round = (exact * scale).rounded() / scale
        if (60_000_000 / round).rounded() == Double(microsecondsPerQuarter) { return round }
      }
      return exact
    }
  }

  /// The tempo of a file that names none: 120 quarter notes a minute.
  public static let defaultMicrosecondsPerQuarter = 500_000

  public let ticksPerQuarter: Int
  /// In order of ticks, no two at one tick; the first is at tick 0.
  public let changes: [Change]

  /// Takes the tempi of all tracks. Of several at one tick the last holds.
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

  /// The time from tick 0 to a tick, rounded to the nearest microsecond.
  public func time(of tick: Int) -> Microseconds {
    let change = changes[changes.lastIndex(notAfter: tick, \.tick)]
    let elapsed = change.elapsed + (tick - change.tick) * change.microsecondsPerQuarter
    return Microseconds(Int64((elapsed + ticksPerQuarter / 2) / ticksPerQuarter))
  }
}

extension MidiFile {
  /// The values that `select` finds in all tracks, in order of ticks, and at one tick in order of
  /// tracks.
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
  /// The index of the last element whose key is not after `limit`, in an array ordered by the key;
  /// 0 if there is none.
  func lastIndex(notAfter limit: Int, _ key: (Element) -> Int) -> Int {
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if key(self[middle]) <= limit { low = middle } else { high = middle }
    }
    return low
  }
}
