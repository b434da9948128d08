import Music
import Records

/// Where frames and bars lie in time, as the records of a stream tell it.
///
/// It follows the stream: each tick anchors its frame at the time it was stamped, and what lies
/// ahead is reckoned from there by the tempi announced so far.
public struct Timeline: Sendable {
  /// A value that holds from a frame on.
  private struct Change<Value: Sendable>: Sendable {
    var frame: Frame
    var value: Value
  }

  public let framesPerBeat: Int
  private var anchor = (frame: Frame(0), time: Microseconds.zero)
  /// In order of frames; the first also holds for all frames before it.
  private var tempi: [Change<Double>]
  private var meters: [Change<BarGrid>]

  public init(header: Header) {
    framesPerBeat = header.framesPerBeat
    tempi = [Change(frame: Frame(0), value: header.tempo)]
    meters = [Change(frame: Frame(0), value: BarGrid(header.meter, header.framesPerBeat, first: 0))]
  }

  /// Takes up a record: ticks, tempo and meter changes matter, all others are passed over.
  public mutating func receive(_ record: Record) {
    switch record.event {
    case .tick(let frame):
      anchor = (frame, record.time)
      Self.forget(&tempi, before: frame)
      Self.forget(&meters, before: frame)
    case .tempo(let frame, let beatsPerMinute):
      announce(tempo: beatsPerMinute, from: frame)
    case .meter(let frame, let meter):
      announce(meter: meter, from: frame)
    default:
      break
    }
  }

  /// From `frame` on, `tempo` beats a minute. Changes announced for later frames are withdrawn.
  public mutating func announce(tempo: Double, from frame: Frame) {
    Self.withdraw(&tempi, from: frame)
    tempi.append(Change(frame: frame, value: tempo))
  }

  /// From `frame` on, bars of `meter`, the first of which begins there. Changes announced for later
  /// frames are withdrawn.
  public mutating func announce(meter: Meter, from frame: Frame) {
    let bar = barPosition(of: frame)
    // A change within a bar cuts that bar short.
    let number = bar.place == 0 ? bar.number : bar.number + 1
    Self.withdraw(&meters, from: frame)
    meters.append(Change(frame: frame, value: BarGrid(meter, framesPerBeat, first: number)))
  }

  /// When a frame begins.
  public func time(of frame: Frame) -> Microseconds { time(ofPosition: Double(frame.rawValue)) }

  /// When a place between frames comes; `position` is in frames.
  public func time(ofPosition position: Double) -> Microseconds {
    let reference = Double(anchor.frame.rawValue)
    let sign: Double = position < reference ? -1 : 1
    let (low, high) = (min(position, reference), max(position, reference))
    var microseconds = 0.0
    for (index, change) in tempi.enumerated() {
      let from = index == 0 ? low : max(low, Double(change.frame.rawValue))
      let to = index + 1 < tempi.count ? min(high, Double(tempi[index + 1].frame.rawValue)) : high
      if to > from { microseconds += (to - from) * microsecondsPerFrame(change.value) }
    }
    return anchor.time + Microseconds(Int64((sign * microseconds).rounded()))
  }

  /// The place in frames, between frames too, that a time falls on.
  public func position(at time: Microseconds) -> Double {
    var left = Double((time - anchor.time).rawValue)
    var position = Double(anchor.frame.rawValue)
    while true {
      let length = microsecondsPerFrame(tempo(at: position, before: left < 0))
      let change = left < 0 ? lastChange(before: position) : firstChange(after: position)
      guard let change, abs((change - position) * length) < abs(left) else {
        return position + left / length
      }
      left -= (change - position) * length
      position = change
    }
  }

  /// Beats (quarter notes) a minute at a frame.
  public func tempo(at frame: Frame) -> Double {
    tempo(at: Double(frame.rawValue), before: false)
  }

  /// The meter of the bar that a frame stands in.
  public func meter(at frame: Frame) -> Meter { grid(at: frame).value.meter }

  /// Which bar a frame stands in, and where.
  public func barPosition(of frame: Frame) -> BarPosition {
    let change = grid(at: frame)
    return change.value.position(ofFrame: frame - change.frame.rawValue)
  }

  private func grid(at frame: Frame) -> Change<BarGrid> {
    meters.last { $0.frame <= frame } ?? meters[0]
  }

  private func tempo(at position: Double, before: Bool) -> Double {
    let change = tempi.last {
      before ? Double($0.frame.rawValue) < position : Double($0.frame.rawValue) <= position
    }
    return (change ?? tempi[0]).value
  }

  private func firstChange(after position: Double) -> Double? {
    tempi.dropFirst().first { Double($0.frame.rawValue) > position }.map {
      Double($0.frame.rawValue)
    }
  }

  private func lastChange(before position: Double) -> Double? {
    tempi.dropFirst().last { Double($0.frame.rawValue) < position }.map {
      Double($0.frame.rawValue)
    }
  }

  private func microsecondsPerFrame(_ beatsPerMinute: Double) -> Double {
    60_000_000 / beatsPerMinute / Double(framesPerBeat)
  }

  private static func withdraw<Value>(_ changes: inout [Change<Value>], from frame: Frame) {
    while let last = changes.last, last.frame >= frame { changes.removeLast() }
  }

  /// A session may last for hours: only what is in force and what is to come are kept.
  private static func forget<Value>(_ changes: inout [Change<Value>], before frame: Frame) {
    guard let current = changes.lastIndex(where: { $0.frame <= frame }), current > 0 else { return }
    changes.removeFirst(current)
  }
}
