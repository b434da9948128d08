import Music
import Records

extension Record {
  /// A record of any type, with every value that its fields may have.
  public static func random(using generator: inout some RandomNumberGenerator) -> Record {
    let time = Int64.random(in: 0...Int64(Limits.time.upperBound), using: &generator)
    return Record(
      time: Microseconds(time >> Int64.random(in: 0..<53, using: &generator)),
      event: .random(using: &generator))
  }
}

extension Event {
  public static func random(using generator: inout some RandomNumberGenerator) -> Event {
    switch Int.random(in: 0..<15, using: &generator) {
    case 0: .header(.random(using: &generator))
    case 1: .message(.noteOn(.random(velocities: 1...127, using: &generator)))
    case 2: .message(.noteOff(.random(velocities: 0...127, using: &generator)))
    case 3:
      .message(
        .control(
          channel: .random(using: &generator), controller: .random(in: 0...127, using: &generator),
          value: .random(in: 0...127, using: &generator)))
    case 4:
      .message(
        .program(
          channel: .random(using: &generator), program: .random(in: 0...127, using: &generator)))
    case 5:
      .message(
        .bend(
          channel: .random(using: &generator),
          value: .random(in: ChannelMessage.bends, using: &generator)))
    case 6: .tick(.random(using: &generator))
    case 7:
      .tempo(
        frame: .random(using: &generator),
        beatsPerMinute: .random(in: Limits.tempo, using: &generator))
    case 8: .meter(frame: .random(using: &generator), .random(using: &generator))
    case 9: .set(name: .random(using: &generator), value: .random(using: &generator))
    case 10: .plan(.random(using: &generator))
    case 11: .marker(text: .random(using: &generator))
    case 12: .stat(Counter.randomList(using: &generator))
    case 13: .end(reason: .random(using: &generator))
    // No known type begins so.
    default: .unknown(type: "x-" + .random(using: &generator))
    }
  }
}

extension Header {
  public static func random(using generator: inout some RandomNumberGenerator) -> Header {
    let isReal = Bool.random(using: &generator)
    return Header(
      epoch: isReal ? Microseconds(.random(in: 0...1 << 50, using: &generator)) : nil,
      wall: isReal ? .random(using: &generator) : nil,
      tempo: .random(in: Limits.tempo, using: &generator), meter: .random(using: &generator),
      framesPerBeat: .random(in: Limits.framesPerBeat, using: &generator),
      producer: .random(using: &generator), source: .random(using: &generator))
  }
}

extension Note {
  public static func random(
    velocities: ClosedRange<Int>, using generator: inout some RandomNumberGenerator
  ) -> Note {
    Note(
      channel: .random(using: &generator), pitch: .random(using: &generator),
      velocity: Velocity(.random(in: velocities, using: &generator))!)
  }
}

extension Channel {
  public static func random(using generator: inout some RandomNumberGenerator) -> Channel {
    Channel(Int.random(in: 1...16, using: &generator))!
  }
}

extension Pitch {
  public static func random(using generator: inout some RandomNumberGenerator) -> Pitch {
    Pitch(Int.random(in: 0...127, using: &generator))!
  }
}

extension Frame {
  public static func random(using generator: inout some RandomNumberGenerator) -> Frame {
    let limit = Bool.random(using: &generator) ? -16...64 : Limits.frame
    return Frame(.random(in: limit, using: &generator))
  }
}

extension Meter {
  public static func random(using generator: inout some RandomNumberGenerator) -> Meter {
    let denominator = 1 << Int.random(in: 0...6, using: &generator)
    guard Bool.random(using: &generator) else {
      return Meter(.random(in: 1...64, using: &generator), denominator)!
    }
    let groups = (0..<Int.random(in: 1...8, using: &generator)).map { _ in
      Int.random(in: 1...8, using: &generator)
    }
    return Meter(groups: groups, denominator)!
  }
}

extension SettingValue {
  public static func random(using generator: inout some RandomNumberGenerator) -> SettingValue {
    switch Int.random(in: 0..<3, using: &generator) {
    case 0: .number(.randomFinite(using: &generator))
    case 1: .text(.random(using: &generator))
    default: .flag(.random(using: &generator))
    }
  }
}

extension Counter {
  public static func randomList(
    using generator: inout some RandomNumberGenerator
  ) -> [Counter] {
    (0..<Int.random(in: 0..<6, using: &generator)).map { index in
      Counter(
        // The index keeps the names apart from each other and from "t".
        name: .random(using: &generator) + "\(index)", value: .randomFinite(using: &generator))
    }
  }
}

extension Plan {
  public static func random(using generator: inout some RandomNumberGenerator) -> Plan {
    let frame = Frame.random(using: &generator)
    var chords: [PlannedChord] = []
    for (from, to) in randomStretches(from: frame, using: &generator) {
      let hasBass = Bool.random(using: &generator)
      chords.append(
        PlannedChord(
          from: from, to: to,
          symbol: ["N", "C", "Am7", "F#m7b5", "Bb/D"].randomElement(using: &generator)!,
          bass: hasBass ? .random(in: 0...11, using: &generator) : nil,
          confidence: hasBass ? .random(in: 0...1, using: &generator) : nil))
    }
    var melody: [PlannedNote] = []
    for (from, to) in randomStretches(from: frame, using: &generator) {
      melody.append(PlannedNote(from: from, to: to, pitch: .random(using: &generator)))
    }
    return Plan(
      frame: frame, revision: .random(in: 1...1 << 40, using: &generator),
      commit: .random(using: &generator), until: chords.last?.to ?? frame, chords: chords,
      melody: melody)
  }
}

/// Stretches of frames in order and without overlap, with and without rests between.
private func randomStretches(
  from frame: Frame, using generator: inout some RandomNumberGenerator
) -> [(Frame, Frame)] {
  var next = min(frame, Frame(Limits.frame.upperBound - 200))
  return (0..<Int.random(in: 0...16, using: &generator)).map { _ in
    let from = next + Int.random(in: 0...2, using: &generator)
    next = from + Int.random(in: 1...8, using: &generator)
    return (from, next)
  }
}

extension Double {
  /// Of any magnitude, often a whole number.
  public static func randomFinite(using generator: inout some RandomNumberGenerator) -> Double {
    if Bool.random(using: &generator) {
      return Double(Int.random(in: -100_000...100_000, using: &generator))
    }
    let number = Double(bitPattern: generator.next())
    return number.isFinite ? number : 0.5
  }
}

extension String {
  /// A short text of what strings are hard for: quotes, controls, several bytes, surrogate pairs.
  public static func random(using generator: inout some RandomNumberGenerator) -> String {
    let pieces = [
      "a", "Z", " ", "0", "\"", "\\", "/", "\n", "\r", "\t", "\0", "\u{8}", "\u{C}", "\u{1F}",
      "\u{7F}", "\u{80}", "é", "♯", "𝄞", "\u{FFFD}", "\u{10FFFF}", "\u{E000}", "e\u{301}",
    ]
    return (0..<Int.random(in: 0...12, using: &generator))
      .map { _ in pieces.randomElement(using: &generator)! }.joined()
  }
}
