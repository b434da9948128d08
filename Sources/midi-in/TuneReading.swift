import MidiFile
import Music
import Records

extension Tune {
  /// In frames: 35 hours at 120 beats a minute. A longer file is refused.
  static let longest = 1_000_000

  /// Makes a tune of the excerpt of a file that the options ask for.
  /// - Parameter choice: what is played of the file.
  init(_ file: MidiFile, _ choice: TrackChoice, _ options: TuneOptions) throws(TuneError) {
    let whole = try Tune(whole: file, choice, options)
    let bars = TuneBars(whole.meters, framesPerBeat: Self.framesPerBeat)
    let first = whole.notes.map(\.frame).min() ?? 0
    let origin = options.start == .note ? bars.line(notAfter: first) : 0
    let excerpt = try Excerpt(
      from: options.from, to: options.to, bars, origin..<whole.length)
    self = whole.slice(excerpt.frames, firstNote: excerpt.firstNote, chasing: true)
  }

  /// Makes a tune of all of a file, from the bar line at or before its beginning.
  private init(
    whole file: MidiFile, _ choice: TrackChoice, _ options: TuneOptions
  ) throws(TuneError) {
    let fileMeters = MeterMap(file).changes
    let pickup = Pickup(fileMeters, file.ticksPerQuarter, options)
    func position(_ tick: Int) -> Double {
      Double(tick * Self.framesPerBeat) / Double(file.ticksPerQuarter) + pickup.shift
    }
    // Half a frame.
    let tolerance = file.ticksPerQuarter / (2 * Self.framesPerBeat)
    notes = [FileNote](choice.events).melody(options.voice, tolerance: tolerance).map {
      PlacedNote(on: position($0.on), off: position($0.off), note: $0.note)
    }
    let last = notes.map(\.end).max() ?? 0
    guard last <= Self.longest else {
      throw .badData("expected a tune of at most \(Self.longest) frames, found \(last)")
    }
    meters = pickup.meters(fileMeters, options, position)
    tempi = Self.tempi(TempoMap(file).changes, options, position)
    let markers = file.tracks.joined().filter { $0.event.isMarker }
    others = (choice.events + markers).enumerated().compactMap { index, timed in
      timed.event.setting.map {
        (index, PlacedEvent(position: position(timed.tick), event: $0))
      }
    }.sorted { ($0.1.position, $0.0) < ($1.1.position, $1.0) }.map(\.1)
    length = TuneBars(meters, framesPerBeat: Self.framesPerBeat).line(notBefore: last)
  }

  /// The first tempo also holds in the rests that fill up the bar of a pickup.
  private static func tempi(
    _ changes: [TempoMap.Change], _ options: TuneOptions, _ position: (Int) -> Double
  ) -> TuneTempi {
    func change(_ position: Double, beatsPerMinute: Double, quarter: Double) -> TuneTempi.Change {
      let tempo = beatsPerMinute * options.speed
      let possible = min(max(tempo, Limits.tempo.lowerBound), Limits.tempo.upperBound)
      return TuneTempi.Change(
        position: position,
        microsecondsPerFrame: quarter / options.speed / Double(framesPerBeat) * tempo / possible,
        beatsPerMinute: possible)
    }
    if let tempo = options.tempo {
      return TuneTempi([change(0, beatsPerMinute: tempo, quarter: 60_000_000 / tempo)])
    }
    return TuneTempi(
      changes.map {
        change(
          position($0.tick), beatsPerMinute: $0.beatsPerMinute,
          quarter: Double($0.microsecondsPerQuarter))
      })
  }
}

/// The pickup of a file: the end of a bar with which it begins.
private struct Pickup {
  /// Ticks before the first bar line; 0 without a pickup.
  private let ticks: Int
  /// Frames from the bar line before the file's beginning to the beginning.
  let shift: Double

  /// Unless an option says so, a file has a pickup if a meter with longer bars replaces its first
  /// meter at or before the end of the first bar, such as 4/4 after one bar of 1/4.
  init(_ meters: [MeterMap.Change], _ ticksPerQuarter: Int, _ options: TuneOptions) {
    func ticksPerBar(_ meter: Meter) -> Double { meter.beatsPerBar * Double(ticksPerQuarter) }
    if let beats = options.pickup {
      ticks = Int((beats * Double(ticksPerQuarter)).rounded())
    } else if meters.count > 1, Double(meters[1].tick) <= ticksPerBar(meters[0].meter),
      Double(meters[1].tick) < ticksPerBar(options.meter ?? meters[1].meter)
    {
      ticks = meters[1].tick
    } else {
      ticks = 0
    }
    let after = options.meter ?? (meters.last { [ticks] in $0.tick <= ticks } ?? meters[0]).meter
    let bar = max(1, (after.beatsPerBar * Double(Tune.framesPerBeat)).rounded())
    let frames = Double(ticks * Tune.framesPerBeat) / Double(ticksPerQuarter)
    shift = ticks == 0 ? 0 : bar - frames.truncatingRemainder(dividingBy: bar)
  }

  /// The meters in frames. The bar that the pickup fills has the meter that comes after it.
  func meters(
    _ changes: [MeterMap.Change], _ options: TuneOptions, _ position: (Int) -> Double
  ) -> [Change<Meter>] {
    if let meter = options.meter { return [Change(frame: 0, value: meter)] }
    var meters: [Change<Meter>] = []
    for change in changes {
      let frame = change.tick <= ticks ? 0 : Int(position(change.tick).rounded())
      meters.append(frame: frame, change.value)
    }
    return meters
  }
}

extension Array {
  /// Adds a change, which replaces one at the same frame.
  fileprivate mutating func append<Value>(frame: Int, _ value: Value)
  where Element == Change<Value> {
    if last?.frame == frame { removeLast() }
    append(Change(frame: frame, value: value))
  }
}

extension MeterMap.Change {
  fileprivate var value: Meter { meter }
}

extension MidiEvent {
  fileprivate var isMarker: Bool {
    if case .marker(let text) = self { !text.isEmpty } else { false }
  }

  /// The event of the stream for a controller, a program, a bend or a marker; nil for all others.
  fileprivate var setting: Event? {
    switch self {
    case .message(.noteOn), .message(.noteOff): nil
    case .message(let message): .message(message)
    case .marker(let text): .marker(text: text)
    default: nil
    }
  }
}
