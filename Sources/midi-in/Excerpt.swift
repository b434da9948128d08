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

  /// The frames of a bar, or of one beat of it.
  private static func frames(
    of place: BarBeat, _ bars: TuneBars, _ tune: Range<Int>
  ) throws(TuneError) -> Range<Int> {
    guard let line = bars.frame(ofBar: place.bar, in: tune) else {
      throw .usage("no bar \(place.bar): the tune has \(bars.count(in: tune))")
    }
    let end = bars.line(after: line)
    guard let beat = place.beat else { return line..<end }
    // A beat of the meter: in 6/8 an eighth. A beat shorter than a frame begins at the nearest
    // frame.
    let length = Double(4 * Tune.framesPerBeat) / Double(bars.meter(at: line).denominator)
    let first = line + Int((Double(beat - 1) * length).rounded())
    guard first < end else { throw .usage("no beat \(beat) in bar \(place.bar)") }
    return first..<min(max(line + Int((Double(beat) * length).rounded()), first + 1), end)
  }
}
