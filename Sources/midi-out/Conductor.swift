import MidiFile
import Music
import Timeline

/// The metrical weight of a frame: whether a bar or a beat begins with it.
struct Pulse: Hashable, Sendable {
  /// Whether a bar begins with the frame.
  let isBarLine: Bool
  /// Whether a beat begins with the frame, as one taps the meter: in 6/8 a beat is three eighths.
  let isBeat: Bool

  init(_ frame: Frame, _ timeline: Timeline) {
    isBarLine = timeline.barPosition(of: frame).place == 0
    isBeat = timeline.beginsBeat(in: frame)
  }
}

/// Makes the events of a MIDI file's conductor track: changes of tempo and meter.
struct Conductor: Sendable {
  private var tempo: Double?
  private var meter: Meter?
  /// Where the next bar line is, by the meter in force.
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
      // After a bar that was cut short the meter is repeated, so that readers count bars from here.
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

  /// The meter of a bar that is this many frames long: of the rest of a bar, where the music begins
  /// in its middle.
  static func meter(ofFrames frames: Int, in meter: Meter, _ framesPerBeat: Int) -> Meter? {
    let (notes, rest) = (frames * meter.denominator).quotientAndRemainder(
      dividingBy: 4 * framesPerBeat)
    return rest == 0 ? Meter(notes, meter.denominator) : Meter(frames, 4 * framesPerBeat)
  }
}
