import Music
import RealTime
import Timeline

/// Tells where the music is between two ticks, in frames, so that the roll moves smoothly.
struct StreamPosition {
  /// Nil before the first tick.
  private var clock: StreamClock?
  /// The last frame that the clock was told.
  private var frame: Frame?
  /// Whether the position moves on although no record comes.
  private(set) var isMoving = false

  /// The position at a time of CLOCK_MONOTONIC, between the frame of the last tick and the next
  /// one; `offset` shows it that many milliseconds later. Nil before the first tick.
  mutating func position(_ state: SessionState, at now: Microseconds, offset: Int) -> Double? {
    isMoving = false
    guard let timeline = state.timeline, let frame = state.frame else { return nil }
    listen(to: frame, of: state, timeline, now)
    var position = Double(frame.rawValue)
    if !state.hasEnded, state.settings.isPlaying, let time = clock?.streamTime(at: now) {
      let running = timeline.position(at: time)
      isMoving = running < position + 1
      position = min(max(running, position), position + 1)
    }
    guard offset != 0 else { return position }
    let time = timeline.time(ofPosition: position) - Microseconds(Int64(offset) * 1000)
    return timeline.position(at: time)
  }

  private mutating func listen(
    to frame: Frame, of state: SessionState, _ timeline: Timeline, _ now: Microseconds
  ) {
    guard frame != self.frame else { return }
    self.frame = frame
    let time = timeline.time(of: frame)
    var clock = self.clock ?? StreamClock(epoch: state.header?.epoch)
    _ = clock.clockTime(of: time, now: now)
    clock.arrived(time, now: now)
    self.clock = clock
  }
}
