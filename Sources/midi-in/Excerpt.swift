/// The part of a tune that --from and --to ask for.
struct Excerpt {
  /// They begin at a bar line.
  let frames: Range<Int>
  /// Notes that begin before it are left out.
  let firstNote: Int

  /// - Parameters:
  ///   - from: the first bar or beat played; nil for the tune's first.
  ///   - to: the last bar or beat played; nil for the tune's last.
  ///   - tune: its frames; bar 1 begins with the first.
  init(from: BarBeat?, to: BarBeat?, _ bars: TuneBars, _ tune: Range<Int>) throws(TuneError) {
    let first = try Self.frames(of: from ?? BarBeat(bar: 1), bars, tune)
    var end = tune.upperBound
    if let to { end = try Self.frames(of: to, bars, tune).upperBound }
    guard first.lowerBound < end else { throw .usage("--from lies behind --to") }
    firstNote = first.lowerBound
    frames = bars.line(notAfter: firstNote)..<end
  }

  /// The frames of a bar, or of one beat of it, as one taps the meter.
  private static func frames(
    of place: BarBeat, _ bars: TuneBars, _ tune: Range<Int>
  ) throws(TuneError) -> Range<Int> {
    guard let line = bars.frame(ofBar: place.bar, in: tune) else {
      throw .usage("no bar \(place.bar): the tune has \(bars.count(in: tune))")
    }
    let end = bars.line(after: line)
    guard let beat = place.beat else { return line..<end }
    // A beat that begins between two frames begins at the nearest one.
    let meter = bars.meter(at: line)
    let length = Double(4 * Tune.framesPerBeat) / Double(meter.denominator)
    let beats = (meter.beatStarts + [meter.numerator]).map {
      line + Int((Double($0) * length).rounded())
    }
    guard beats.indices.dropLast().contains(beat - 1), beats[beat - 1] < end else {
      throw .usage("no beat \(beat) in bar \(place.bar)")
    }
    return beats[beat - 1]..<min(max(beats[beat], beats[beat - 1] + 1), end)
  }
}
