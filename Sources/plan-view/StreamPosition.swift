import Records
import Timeline

/// Where the music is between two ticks, in frames: the roll moves smoothly.
struct StreamPosition {
  /// CLOCK_MONOTONIC at the stream's time 0.
  private var epoch: Microseconds?
  /// The frame that `epoch` was last looked at for.
  private var frame: Frame?
  /// Whether time alone moves what is shown.
  private(set) var isMoving = false

  /// A header's epoch is taken for another machine's, or another day's, where it says that ticks are
  /// this far from when they come.
  private static let plausible: Int64 = 2_000_000
  /// How much later ticks may come, frame by frame, by clocks that differ.
  private static let drift: Int64 = 50

  /// The place at a time of CLOCK_MONOTONIC, between the frame that began last and the next; shown
  /// so many milliseconds later. Nil before the first tick.
  mutating func position(_ state: ViewState, at now: Microseconds, offset: Int) -> Double? {
    isMoving = false
    guard let timeline = state.timeline, let frame = state.frame else { return nil }
    adjust(state, timeline, frame, now)
    var position = Double(frame.rawValue)
    if !state.hasEnded, state.settings.isPlaying, let epoch {
      let running = timeline.position(at: now - epoch)
      isMoving = running < position + 1
      position = min(max(running, position), position + 1)
    }
    guard offset != 0 else { return position }
    let time = timeline.time(ofPosition: position) - Microseconds(Int64(offset) * 1000)
    return timeline.position(at: time)
  }

  /// Ticks that are not stamped by this machine's clock are taken to have come without delay where
  /// they came soonest.
  private mutating func adjust(
    _ state: ViewState, _ timeline: Timeline, _ frame: Frame, _ now: Microseconds
  ) {
    guard frame != self.frame else { return }
    self.frame = frame
    let seen = now - timeline.time(of: frame)
    if let told = state.epoch, abs((seen - told).rawValue) < Self.plausible {
      epoch = told
    } else if let last = epoch, (seen - last).rawValue < Self.plausible {
      epoch = min(last + Microseconds(Self.drift), seen)
    } else {
      epoch = seen
    }
  }
}
