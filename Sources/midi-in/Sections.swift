/// The sections of a performance: the count-in, then the tune as often as it is repeated.
struct Sections: Sequence, IteratorProtocol, Sendable {
  /// The length of the count-in, in frames.
  let countIn: Int
  private var opening: [Section]
  /// The tune at each repetition but the last.
  private let again: Section
  private let last: Section
  /// How often `again` is still to be played; nil for forever.
  private var repeats: Int?
  private var isOver = false

  init(_ tune: Tune, _ options: TuneOptions) {
    let bars = TuneBars(tune.meters, framesPerBeat: Tune.framesPerBeat)
    countIn = options.countIn * bars.line(after: 0)
    opening = countIn > 0 ? [Section(tune.silence(countIn))] : []
    let isWhole = options.from == nil && options.to == nil
    if options.repeats != .times(1), isWhole, let loop = PickupLoop(tune, bars) {
      opening.append(Section(loop.opening))
      again = Section(loop.body.joined(with: loop.opening))
      last = Section(loop.body)
    } else {
      again = Section(tune)
      last = again
    }
    switch options.repeats {
    case .times(let count): repeats = count - 1
    case .forever: repeats = nil
    }
  }

  mutating func next() -> Section? {
    if !opening.isEmpty { return opening.removeFirst() }
    guard let repeats else { return again }
    if repeats > 0 {
      self.repeats = repeats - 1
      return again
    }
    defer { isOver = true }
    return isOver ? nil : last
  }
}

/// A tune with a pickup for which its last bar leaves room. When the tune is repeated, the pickup
/// is played in that last bar, as musicians do it.
private struct PickupLoop {
  /// The bar of the pickup.
  let opening: Tune
  /// The bars after it.
  let body: Tune

  init?(_ tune: Tune, _ bars: TuneBars) {
    let bar = bars.line(after: 0)
    let lastBar = bars.line(notAfter: tune.length - 1)
    guard let first = tune.notes.map(\.frame).min(), let end = tune.notes.map(\.end).max(),
      // A first note after a short rest is no pickup.
      2 * first >= bar, lastBar >= bar, tune.length - lastBar == bar, end - lastBar <= first,
      tune.notes.allSatisfy({ $0.frame >= bar || $0.off <= Double(bar) }),
      !tune.tempi.hasChange(within: 0..<bar)
    else { return nil }
    opening = tune.slice(0..<bar, chasing: false)
    body = tune.slice(bar..<tune.length, chasing: false)
  }
}

extension Tune {
  /// Empty bars at the tempo and meter of the beginning.
  fileprivate func silence(_ length: Int) -> Tune {
    Tune(
      notes: [], others: [], tempi: tempi.slice(0..<1), meters: [meters[0]], length: length)
  }

  /// This tune with the notes of `opening` in its last bar.
  fileprivate func joined(with opening: Tune) -> Tune {
    var joined = self
    let shift = Double(length - opening.length)
    joined.notes += opening.notes.map {
      PlacedNote(on: $0.on + shift, off: $0.off + shift, note: $0.note)
    }
    joined.others += opening.others.map {
      PlacedEvent(position: $0.position + shift, event: $0.event)
    }
    return joined
  }
}
