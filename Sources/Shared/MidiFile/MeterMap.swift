import Music

/// Where the ticks of a file lie in its bars. A change of meter begins a new bar.
public struct MeterMap: Sendable {
  /// A meter that holds from a tick on.
  public struct Change: Hashable, Sendable {
    public let tick: Int
    public let meter: Meter
    /// The number of the bar that begins here; the file's first is 0.
    public let bar: Int
  }

  /// A tick's place in its bar.
  public struct Position: Hashable, Sendable {
    /// The file's first bar is 0.
    public let bar: Int
    /// Ticks since the bar line.
    public let place: Int
  }

  public let ticksPerQuarter: Int
  /// In order of ticks, each at another tick; the first is at tick 0.
  public let changes: [Change]

  /// The meters of all tracks together; 4/4 where a file names none. Of several at one tick the
  /// last holds, and one that repeats the meter in force at a bar line changes nothing.
  public init(_ file: MidiFile) {
    let meters = file.merged { event -> Meter? in
      if case .meter(let meter) = event { meter } else { nil }
    }
    ticksPerQuarter = file.ticksPerQuarter
    var changes = [Change(tick: 0, meter: .fourFour, bar: 0)]
    for (tick, meter) in meters {
      let last = changes[changes.count - 1]
      if last.tick == tick {
        changes[changes.count - 1] = Change(tick: tick, meter: meter, bar: last.bar)
        continue
      }
      let length = Self.ticksPerBar(meter: last.meter, ticksPerQuarter)
      let (bars, rest) = (tick - last.tick).quotientAndRemainder(dividingBy: length)
      if meter == last.meter && rest == 0 { continue }
      changes.append(Change(tick: tick, meter: meter, bar: last.bar + bars + (rest > 0 ? 1 : 0)))
    }
    self.changes = changes
  }

  public func meter(at tick: Int) -> Meter { change(at: tick).meter }

  public func position(of tick: Int) -> Position {
    let change = change(at: tick)
    let length = Self.ticksPerBar(meter: change.meter, ticksPerQuarter)
    let (bars, place) = (tick - change.tick).quotientAndRemainder(dividingBy: length)
    return Position(bar: change.bar + bars, place: place)
  }

  private func change(at tick: Int) -> Change {
    changes[changes.lastIndex(notAfter: tick, \.tick)]
  }

  /// At least 1: a coarse file may have less than a tick in a bar of 1/64.
  static func ticksPerBar(meter: Meter, _ ticksPerQuarter: Int) -> Int {
    max(1, 4 * ticksPerQuarter * meter.numerator / meter.denominator)
  }
}
