import Music

/// The bars of a file, and the places of its ticks in them. A change of meter begins a new bar.
public struct MeterMap: Sendable {
  /// A meter, and the tick from which it holds.
  public struct Change: Hashable, Sendable {
    public let tick: Int
    public let meter: Meter
    /// The number of the bar that begins at the tick; the first of the file is 0.
    public let bar: Int
  }

  /// The bar of a tick, and the tick's place in it.
  public struct Position: Hashable, Sendable {
    /// The number of the bar; the first of the file is 0.
    public let bar: Int
    /// Ticks since the bar line.
    public let place: Int
  }

  public let ticksPerQuarter: Int
  /// In order of ticks, no two at one tick; the first is at tick 0.
  public let changes: [Change]

  /// Takes the meters of all tracks; before the first one the meter is 4/4. Of several at one tick
  /// the last holds. A repeated meter on a bar line changes nothing.
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

  /// The length of a bar, at least 1: with a coarse resolution, a bar of 1/64 is shorter than a
  /// tick.
  static func ticksPerBar(meter: Meter, _ ticksPerQuarter: Int) -> Int {
    max(1, 4 * ticksPerQuarter * meter.numerator / meter.denominator)
  }
}
