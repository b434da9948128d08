import Music
import TestSupport
import Testing

@testable import MidiFile

/// Properties of randomly generated files. The generator has a seed.
@Suite struct MidiFilePropertyTests {
  @Test("parses what it encodes to the same file", arguments: 0..<200)
  func encodingAndParsingAreInverse(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let file = MidiFile.random(using: &random)
    let parsed = try MidiFile(parsing: file.encoded())
    #expect(parsed == file, "seed \(seed)")
  }

  /// Parsing gives a file or an error, and never more events than bytes.
  @Test("parses or refuses damaged files without a crash", arguments: 0..<300)
  func damagedFilesNeverCrash(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bytes = MidiFile.random(using: &random).encoded()
    for _ in 0..<20 {
      bytes.damage(using: &random)
      guard let parsed = readBothWays(bytes, seed: seed)?.file else { continue }
      #expect(parsed.tracks.joined().count <= bytes.count, "seed \(seed)")
      let last = parsed.tracks.joined().map(\.tick).max() ?? 0
      #expect(TempoMap(parsed).time(of: last) >= .zero)
      #expect(MeterMap(parsed).position(of: last).bar >= 0)
    }
  }

  @Test("parses or refuses random bytes without a crash", arguments: 0..<50)
  func randomBytesNeverCrash(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let noise = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) }
    #expect(throws: MidiFileError.self) { try MidiFile(parsing: noise) }
    _ = readBothWays(MidiFileTests.file(noise), seed: seed)
    _ = readBothWays(MidiFileTests.header() + noise, seed: seed)
  }

  /// Bytes that begin something again and again: a reader that tries each beginning to the end, or
  /// each within each, would take hours.
  @Test(
    "reads any bytes in a time that grows like their number",
    arguments: [
      [0], [0x80], [0xFF], [0xF0], [0xF8], [0, 0xF0, 0], [0, 0xF1], [0, 0xF2, 1], [0, 60],
      [0, 0xFF, 1, 0xFF, 0x7F], Array("MTrk".utf8) + [0, 0, 0, 0], Array("MTrk".utf8),
      Array("MTrk".utf8) + [0, 0xFF, 0xFF, 0xFF], Array("MThd".utf8), Array("abcd".utf8),
    ] as [[UInt8]])
  func readsRepeatedBytes(_ bytes: [UInt8]) {
    let many = (0..<20_000).flatMap { _ in bytes }
    _ = readBothWays(MidiFileTests.header() + many, seed: 0)
    _ = readBothWays(MidiFileTests.header() + Array("MTrk".utf8) + [0, 1, 0, 0] + many, seed: 0)
  }

  /// Reads bytes strictly and not. What keeps to the standard is read equally, and nothing in it is
  /// odd.
  private func readBothWays(_ bytes: [UInt8], seed: UInt64) -> MidiFileReading? {
    let reading = try? MidiFileReading(bytes)
    let strict = try? MidiFileReading(bytes, isStrict: true)
    if let strict {
      #expect(strict == reading, "seed \(seed)")
      #expect(strict.oddities == [])
    }
    #expect(reading == nil || (strict == nil) == (reading?.oddities.isEmpty == false))
    return reading
  }
}

extension [UInt8] {
  /// Changes, inserts or removes a byte, or cuts off the end.
  fileprivate mutating func damage(using random: inout SplitMix64) {
    guard count > 1 else { return }
    let place = Int.random(in: 0..<count, using: &random)
    switch Int.random(in: 0..<10, using: &random) {
    case 0: removeSubrange(place...)
    case 1: remove(at: place)
    case 2: insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 3: self[place] = 0xFF
    default: self[place] = UInt8.random(in: 0...255, using: &random)
    }
  }
}

extension MidiFile {
  /// A random file in normal form: tracks in order, note-offs before note-ons.
  static func random(using random: inout SplitMix64) -> MidiFile {
    let format: Format = Bool.random(using: &random) ? .singleTrack : .parallelTracks
    let count = format == .singleTrack ? 1 : Int.random(in: 1...5, using: &random)
    return MidiFile(
      format: format, ticksPerQuarter: Int.random(in: 1...32767, using: &random),
      tracks: (0..<count).map { _ in
        var tick = 0
        let events = (0..<Int.random(in: 0...60, using: &random)).map { _ in
          tick += Int.random(in: 0...(1 << Int.random(in: 0...20, using: &random)), using: &random)
          return TimedEvent(tick: tick, event: .random(using: &random))
        }
        return inOrder(events)
      })
  }
}

extension MidiEvent {
  static func random(using random: inout SplitMix64) -> MidiEvent {
    func byte(_ range: ClosedRange<UInt8> = 0...127) -> UInt8 {
      UInt8.random(in: range, using: &random)
    }
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    func text() -> String {
      String(["", "A", "Verse 1", "Refrain é", "長い", "x y z"].randomElement(using: &random)!)
    }
    let channel = Channel(number(1...16))!
    let pitch = Pitch(number(0...127))!
    switch number(0...11) {
    case 0...2:
      return .message(
        .noteOn(
          Note(channel: channel, pitch: pitch, velocity: Velocity(number(1...127))!)))
    case 3:
      return .message(.noteOff(Note(channel: channel, pitch: pitch, velocity: Velocity(byte()))))
    case 4: return .message(.control(channel: channel, controller: byte(), value: byte()))
    case 5: return .message(.program(channel: channel, program: byte()))
    case 6: return .message(.bend(channel: channel, value: number(-8192...8191)))
    case 7: return .tempo(microsecondsPerQuarter: number(1...0xFF_FFFF))
    case 8: return .meter(Meter(number(1...64), 1 << number(0...6))!)
    case 9:
      return .keySignature(KeySignature(sharps: number(-7...7), isMinor: number(0...1) == 1)!)
    case 10: return .trackName(text())
    default: return number(0...1) == 0 ? .marker(text()) : .text(text())
    }
  }
}

extension Velocity {
  fileprivate init(_ byte: UInt8) { self = Velocity(rawValue: byte & 0x7F)! }
}
