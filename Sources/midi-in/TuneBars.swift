import Music
import Records
import Timeline

/// The bar lines of a tune, in frames.
struct TuneBars {
  private let timeline: Timeline
  /// The frames at which the meter changes, in order.
  private let changes: [Frame]

  /// - Parameter meters: in order of frames; the first is at frame 0.
  init(_ meters: [Change<Meter>], framesPerBeat: Int) {
    var timeline = Timeline(
      header: Header(
        meter: meters[0].value, framesPerBeat: framesPerBeat, producer: "", source: ""))
    for change in meters.dropFirst() {
      timeline.announce(meter: change.value, from: Frame(change.frame))
    }
    self.timeline = timeline
    changes = meters.dropFirst().map { Frame($0.frame) }
  }

  func meter(at frame: Int) -> Meter { timeline.meter(at: Frame(frame)) }

  /// The bar line at or before a frame.
  func line(notAfter frame: Int) -> Int {
    frame - timeline.barPosition(of: Frame(frame)).place
  }

  /// The first bar line after a frame. A change of meter cuts a bar short.
  func line(after frame: Int) -> Int {
    let position = timeline.barPosition(of: Frame(frame))
    let regular = frame - position.place + position.length
    guard let change = changes.first(where: { $0.rawValue > frame }) else { return regular }
    return min(regular, change.rawValue)
  }

  /// The bar line at or after a frame.
  func line(notBefore frame: Int) -> Int {
    let line = line(notAfter: frame)
    return line == frame ? frame : self.line(after: frame)
  }

  /// The first frame of a bar. Bar 1 begins at the beginning of `tune`. Nil if `tune` has fewer
  /// bars.
  func frame(ofBar bar: Int, in tune: Range<Int>) -> Int? {
    var frame = tune.lowerBound
    for _ in 1..<bar where frame < tune.upperBound { frame = line(after: frame) }
    return frame < tune.upperBound ? frame : nil
  }

  /// The number of bars that begin in `tune`.
  func count(in tune: Range<Int>) -> Int {
    var (count, frame) = (0, tune.lowerBound)
    while frame < tune.upperBound { (count, frame) = (count + 1, line(after: frame)) }
    return count
  }
}

/// A value that holds from a frame on.
struct Change<Value: Hashable & Sendable>: Hashable, Sendable {
  var frame: Int
  var value: Value
}

extension Array {
  /// The value in force at a frame. The changes are in order, and the first also holds before its
  /// frame.
  func value<Value>(at frame: Int) -> Value where Element == Change<Value> {
    (last { $0.frame <= frame } ?? self[0]).value
  }
}
