import Music
import Timeline

/// A bar, as musicians count it.
struct Bar: Hashable {
  /// Counted from 1 at frame 0; the bars of a count-in are 0 and below.
  var number: Int
  var meter: Meter
  var frames: Range<Frame>
}

/// The bars around the frame of the last tick: the bar of that frame, those up to 64 frames before
/// it, and those up to 128 frames ahead.
struct Bars: Hashable {
  /// In order, without gaps.
  private(set) var all: [Bar] = []
  /// The bar of the last tick; nil before the header.
  private(set) var current: Bar?
  /// The frame of the last tick.
  private var frame = Frame(0)

  /// How many frames back and ahead bars are known.
  static let framesBefore = 64
  static let framesAhead = 128

  /// Moves on to the frame that begins now.
  mutating func advance(to frame: Frame, on timeline: Timeline) {
    self.frame = frame
    guard !(current?.frames.contains(frame) ?? false) else { return }
    all.removeAll { $0.frames.upperBound < frame - Self.framesBefore }
    if let first = all.first, frame < first.frames.lowerBound { all = [] }
    extend(on: timeline)
  }

  /// Begins bars of another meter at a frame. The bar around that frame is cut short.
  mutating func changeMeter(at frame: Frame, on timeline: Timeline) {
    all.removeAll { $0.frames.lowerBound >= frame }
    if let last = all.last, last.frames.contains(frame) {
      all[all.count - 1].frames = last.frames.lowerBound..<frame
    }
    extend(on: timeline)
  }

  private mutating func extend(on timeline: Timeline) {
    let first = frame - Self.framesBefore
    var next = all.last?.frames.upperBound ?? first - timeline.barPosition(of: first).place
    while next < frame + Self.framesAhead {
      let bar = timeline.bar(from: next)
      all.append(bar)
      next = bar.frames.upperBound
    }
    current = all.first { $0.frames.contains(frame) }
  }
}

extension Bar {
  /// A frame's place in beats from the bar line, as one taps the meter.
  func beats(at frame: Frame, framesPerBeat: Int) -> Double {
    let place = frames.lowerBound.distance(to: frame) * meter.denominator
    return meter.beats(atNote: Double(place) / Double(4 * framesPerBeat))
  }

  /// The frames in which beats begin, as one taps the meter. A beat that begins between two frames
  /// counts from the later one on.
  func beatStarts(framesPerBeat: Int) -> [Frame] {
    func beat(_ frame: Frame) -> Int { Int(beats(at: frame, framesPerBeat: framesPerBeat)) }
    return frames.filter { $0 == frames.lowerBound || beat($0) > beat($0 - 1) }
  }
}

extension Timeline {
  /// The bar from its first frame to the next bar line.
  fileprivate func bar(from start: Frame) -> Bar {
    let position = barPosition(of: start)
    let whole = start - position.place + position.length
    // A change of meter cuts a bar short.
    let cut = (start + 1..<whole).first { barPosition(of: $0).place == 0 }
    return Bar(
      number: position.number + 1, meter: meter(at: start), frames: start..<(cut ?? whole))
  }
}
