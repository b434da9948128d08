import MidiFile
import Music
import Timeline

/// A frame's weight in its bar.
struct Pulse: Hashable, Sendable {
  /// Whether a bar begins.
  let isBarLine: Bool
  /// Whether a beat begins, as one would tap it: three eighths in 6/8.
  let isBeat: Bool

  init(_ frame: Frame, _ timeline: Timeline) {
    let place = timeline.barPosition(of: frame).place
    let meter = timeline.meter(at: frame)
    let length = max(1, 4 * timeline.framesPerBeat * meter.notesPerTap / meter.denominator)
    isBarLine = place == 0
    isBeat = place.isMultiple(of: length)
  }
}

/// Says where tempo and meter change.
struct Conductor: Sendable {
  private var tempo: Double?
  private var meter: Meter?
  /// Where the next bar line is to be expected.
  private var nextBarLine: Frame?

  mutating func enter(_ frame: Frame, _ timeline: Timeline, _ cues: inout Cues) {
    let tempo = timeline.tempo(at: frame)
    if tempo != self.tempo {
      let length = Int((60_000_000 / tempo).rounded())
      cues.add(.conductor, .tempo(microsecondsPerQuarter: length))
      self.tempo = tempo
    }
    enterBar(timeline.barPosition(of: frame), timeline.meter(at: frame), frame, timeline, &cues)
  }

  private mutating func enterBar(
    _ bar: BarPosition, _ meter: Meter, _ frame: Frame, _ timeline: Timeline, _ cues: inout Cues
  ) {
    if bar.place == 0 {
      // A bar that was cut short is followed by its meter again: it counts the bars anew.
      if meter != self.meter || frame != nextBarLine { cues.add(.conductor, .meter(meter)) }
      self.meter = meter
      nextBarLine = frame + bar.length
    } else if nextBarLine == nil {
      let left = bar.length - bar.place
      nextBarLine = frame + left
      if let pickup = Self.meter(ofFrames: left, in: meter, timeline.framesPerBeat) {
        cues.add(.conductor, .meter(pickup))
      }
    }
  }

  /// The meter of a bar that is so many frames long: what is left of a bar that the music enters in
  /// the middle.
  static func meter(ofFrames frames: Int, in meter: Meter, _ framesPerBeat: Int) -> Meter? {
    let (notes, rest) = (frames * meter.denominator).quotientAndRemainder(
      dividingBy: 4 * framesPerBeat)
    return rest == 0 ? Meter(notes, meter.denominator) : Meter(frames, 4 * framesPerBeat)
  }
}
