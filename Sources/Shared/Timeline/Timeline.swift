import Music
import Records

/// The times of frames and bars, as the records of a stream tell them.
///
/// Each tick fixes the time of its frame. Later times are computed from there, with the tempi that
/// have been announced so far.
public struct Timeline: Sendable {
  /// A value that holds from a frame on.
  private struct Change<Value: Sendable>: Sendable {
    var frame: Frame
    var value: Value
  }

  public let framesPerBeat: Int
  /// The frame of the last tick, and its time.
  private var anchor = (frame: Frame(0), time: Microseconds.zero)
  /// The tempi in order of frames. The first also holds before its frame.
  private var tempi: [Change<Double>]
  private var meters: [Change<BarGrid>]

  public init(header: Header) {
    framesPerBeat = header.framesPerBeat
    tempi = [Change(frame: Frame(0), value: header.tempo)]
    meters = [Change(frame: Frame(0), value: BarGrid(header.meter, header.framesPerBeat, first: 0))]
  }

  /// Handles a record. Only ticks and changes of tempo and meter matter.
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

  /// Announces a tempo, in beats a minute, from a frame on. Changes announced for later frames are
  /// withdrawn.
  public mutating func announce(tempo: Double, from frame: Frame) {
    Self.withdraw(&tempi, from: frame)
    tempi.append(Change(frame: frame, value: tempo))
  }

  /// Announces a meter from a frame on, where a bar begins. Changes announced for later frames are
  /// withdrawn.
  public mutating func announce(meter: Meter, from frame: Frame) {
    let bar = barPosition(of: frame)
    // A change of meter within a bar cuts that bar short.
    let number = bar.place == 0 ? bar.number : bar.number + 1
    Self.withdraw(&meters, from: frame)
    meters.append(Change(frame: frame, value: BarGrid(meter, framesPerBeat, first: number)))
  }

  /// The time when a frame begins.
  public func time(of frame: Frame) -> Microseconds { time(ofPosition: Double(frame.rawValue)) }

  /// The time of a position in frames, which may lie between two.
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

  /// The position in frames, perhaps between two, at a time.
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

  /// The meter of the bar of a frame.
  public func meter(at frame: Frame) -> Meter { grid(at: frame).value.meter }

  /// The bar of a frame, and the frame's place in it.
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

  /// Forgets past changes, because a session may last for hours. The one in force is kept.
  private static func forget<Value>(_ changes: inout [Change<Value>], before frame: Frame) {
    guard let current = changes.lastIndex(where: { $0.frame <= frame }), current > 0 else { return }
    changes.removeFirst(current)
  }
}
