import Music

extension Timeline {
  /// A frame's place in beats from its bar line, as one taps the meter: in 6/8, 1.5 is halfway
  /// through the second dotted quarter note.
  public func beats(at frame: Frame) -> Double {
    beats(atPlace: barPosition(of: frame).place, meter(at: frame))
  }

  /// Whether a beat begins in a frame, as one taps the meter: in 6/8, a dotted quarter note. A beat
  /// that begins between two frames counts from the later one on.
  public func beginsBeat(in frame: Frame) -> Bool {
    let (place, meter) = (barPosition(of: frame).place, meter(at: frame))
    return place == 0 || Int(beats(atPlace: place, meter)) > Int(beats(atPlace: place - 1, meter))
  }

  /// The number of beats until a later frame, as one taps the meter: of those that begin after
  /// `now`, up to `frame`; at least 1.
  public func beats(from now: Frame, to frame: Frame) -> Int {
    guard now < frame else { return 1 }
    return max(1, (now + 1..<frame + 1).count { beginsBeat(in: $0) })
  }

  /// The tempo at a frame in beats a minute, as one taps the meter: in 6/8, dotted quarter notes.
  public func beatsPerMinute(at frame: Frame) -> Double {
    tempo(at: frame) / meter(at: frame).meanBeat
  }

  private func beats(atPlace place: Int, _ meter: Meter) -> Double {
    meter.beats(atNote: Double(place * meter.denominator) / Double(4 * framesPerBeat))
  }
}
