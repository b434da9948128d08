import Music
import Records
import TestSupport

/// Random melodies, as streams at 120 beats a minute.
enum RandomMelody {
  /// In microseconds.
  private static let frameLength: Int64 = 125_000

  static func records(
    frames: Int, meter: Meter = .fourFour, firstOnset: Int = 0, seed: UInt64
  ) -> [Record] {
    var random = SplitMix64(seed: seed)
    return records(frames: frames, meter: meter, firstOnset: firstOnset, using: &random)
  }

  /// Notes and rests of one to eight frames. Notes begin up to 30 ms early or late.
  static func records(
    frames: Int, meter: Meter = .fourFour, firstOnset: Int = 0, changingSettings: Bool = false,
    using random: inout SplitMix64
  ) -> [Record] {
    let header = Header(meter: meter, producer: "test", source: "made")
    var records = (0..<frames).map { frame in
      Record(time: Microseconds(Int64(frame) * frameLength), event: .tick(Frame(frame)))
    }
    var frame = firstOnset
    while frame < frames {
      let length = Int.random(in: 1...8, using: &random)
      defer { frame += length }
      // The first note always sounds, and on time.
      guard frame == firstOnset || Int.random(in: 0..<6, using: &random) > 0 else { continue }
      let scale = [60, 62, 64, 65, 67, 69, 71, 72]
      let note = Note(
        channel: Channel(1)!, pitch: Pitch(scale.randomElement(using: &random)!)!,
        velocity: Velocity(80)!)
      let start = Int64(frame) * frameLength
      let shift = frame == firstOnset ? 1 : Int64.random(in: -30_000...30_000, using: &random)
      let end = start + Int64(length) * frameLength - 40_000
      records.append(Record(time: Microseconds(start + shift), event: .message(.noteOn(note))))
      records.append(Record(time: Microseconds(end), event: .message(.noteOff(note))))
    }
    if changingSettings { records += changes(frames: frames, using: &random) + meters }
    let sorted = records.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    return [Record(time: .zero, event: .header(header))] + sorted.map(\.element)
  }

  /// Two bars of 4/4, then two bars of 6/8, of which the second is cut short, then 4/4 again.
  private static let meters = [(32, Meter(6, 8)!), (51, Meter(4, 4)!)].map { frame, meter in
    Record(
      time: Microseconds(Int64(frame) * frameLength - 1), event: .meter(frame: Frame(frame), meter))
  }

  private static func changes(frames: Int, using random: inout SplitMix64) -> [Record] {
    (0..<10).map { _ in
      let names = ["commit", "lookahead", "silence", "temperature", "hypotheses", "melody_only"]
      let name = names.randomElement(using: &random)!
      var value = Double.random(in: 0.25...3, using: &random)
      if name == "hypotheses" { value = max(1, value.rounded()) }
      // The votes are those of the hypotheses, of both, or of the melody-only predictors.
      if name == "melody_only" { value = [0, 0.5, 1].randomElement(using: &random)! }
      let change = Event.set(name: name, value: .number(value))
      let frame = Int64.random(in: 0..<Int64(frames), using: &random)
      return Record(time: Microseconds(frame * frameLength + 5), event: change)
    }
  }
}
