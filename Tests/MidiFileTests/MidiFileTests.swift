import Music
import Testing

@testable import MidiFile

@Suite struct MidiFileTests {
  /// A file of one track with 96 ticks a quarter; `body` follows the track's length.
  static func file(_ body: [UInt8], format: UInt8 = 0, tracks: UInt8 = 1) -> [UInt8] {
    header(format: format, tracks: tracks) + track(body)
  }

  static func header(format: UInt8 = 0, tracks: UInt8 = 1) -> [UInt8] {
    Array("MThd".utf8) + [0, 0, 0, 6, 0, format, 0, tracks, 0, 96]
  }

  static func track(_ body: [UInt8]) -> [UInt8] {
    Array("MTrk".utf8) + [0, 0, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
  }

  static let end: [UInt8] = [0, 0xFF, 0x2F, 0]

  static func note(_ pitch: Int, _ velocity: Int, channel: Int = 1) -> Note {
    Note(channel: Channel(channel)!, pitch: Pitch(pitch)!, velocity: Velocity(velocity)!)
  }

  /// The events of a track as text: `0 on 60 100`.
  static func text(_ track: [TimedEvent]) -> [String] {
    track.map { timed in
      let what =
        switch timed.event {
        case .message(.noteOn(let note)): "on \(note.pitch.rawValue) \(note.velocity.rawValue)"
        case .message(.noteOff(let note)): "off \(note.pitch.rawValue) \(note.velocity.rawValue)"
        case .message(.control(let channel, let controller, let value)):
          "control \(channel.rawValue) \(controller) \(value)"
        case .message(.program(let channel, let program)): "program \(channel.rawValue) \(program)"
        case .message(.bend(_, let value)): "bend \(value)"
        case .tempo(let microseconds): "tempo \(microseconds)"
        case .meter(let meter): "meter \(meter.numerator)/\(meter.denominator)"
        case .keySignature(let key): "key \(key.sharps) \(key.isMinor ? "minor" : "major")"
        case .trackName(let text): "name \(text)"
        case .marker(let text): "marker \(text)"
        case .text(let text): "text \(text)"
        }
      return "\(timed.tick) \(what)"
    }
  }

  struct Reading: Sendable, CustomTestStringConvertible {
    let name: String
    let body: [UInt8]
    let events: [String]
    var testDescription: String { name }
  }

  static let readings = [
    Reading(name: "nothing", body: end, events: []),
    Reading(
      name: "running status, and velocity 0 ends a note",
      body: [0, 0x90, 60, 100, 96, 60, 0, 0, 62, 90] + end,
      events: ["0 on 60 100", "96 off 60 0", "96 on 62 90"]),
    Reading(
      name: "running status goes on after a meta event",
      body: [0, 0x90, 60, 100, 0, 0xFF, 0x06, 1, 65, 1, 60, 0] + end,
      events: ["0 on 60 100", "0 marker A", "1 off 60 0"]),
    Reading(
      name: "delta times of one to four bytes",
      body: [0x7F, 0xC0, 1, 0x81, 0x00, 2, 0x81, 0x80, 0x00, 3, 0x81, 0x80, 0x80, 0x00, 4] + end,
      events: [
        "127 program 1 1", "255 program 1 2", "16639 program 1 3", "2113791 program 1 4",
      ]),
    Reading(
      name: "all channel messages",
      body: [0, 0x81, 60, 64, 0, 0xA0, 60, 1, 0, 0xB2, 7, 100, 0, 0xD0, 9, 0, 0xE0, 0, 0x40]
        + [0, 0xE0, 0x7F, 0x7F, 0, 0xE0, 0, 0] + end,
      events: ["0 off 60 64", "0 control 3 7 100", "0 bend 0", "0 bend 8191", "0 bend -8192"]),
    Reading(
      name: "meta events, known and not",
      body: [0, 0xFF, 0x51, 3, 7, 0xA1, 0x20, 0, 0xFF, 0x58, 4, 6, 3, 24, 8]
        + [0, 0xFF, 0x59, 2, 0xFD, 1, 0, 0xFF, 0x59, 2, 99, 1, 0, 0xFF, 0x7F, 2, 1, 2]
        + [0, 0xFF, 0x03, 3, 0xC3, 0xA9, 0x21, 0, 0xFF, 0x01, 2, 0xE9, 0x21] + end,
      events: ["0 tempo 500000", "0 meter 6/8", "0 key -3 minor", "0 name é!", "0 text é!"]),
    Reading(
      name: "system exclusive messages",
      body: [1, 0xF0, 3, 1, 2, 0xF7, 1, 0xF7, 1, 0xF8, 1, 0xC0, 1] + end,
      events: ["3 program 1 1"]),
  ]

  @Test("reads every kind of event", arguments: readings) func reads(_ reading: Reading) throws {
    let file = try MidiFile(parsing: Self.file(reading.body))
    #expect(Self.text(file.tracks[0]) == reading.events)
    #expect(file.ticksPerQuarter == 96)
  }

  @Test("skips chunks that are no tracks")
  func readsTracksBetweenUnknownChunks() throws {
    let unknown = Array("XFIH".utf8) + [0, 0, 0, 2, 9, 9]
    let track = Self.track([0, 0xC0, 5] + Self.end)
    let bytes = Self.header(format: 1, tracks: 2) + unknown + track + unknown + track + unknown
    let file = try MidiFile(parsing: bytes)
    #expect(file.format == .parallelTracks)
    #expect(file.tracks.count == 2)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    let message: String
    var testDescription: String { message }
  }

  static let refusals = [
    Refusal(bytes: [], message: "byte 0: expected a MIDI file (MThd), found the end of the file"),
    Refusal(
      bytes: Array("MThX".utf8), message: "byte 3: expected a MIDI file (MThd), found 0x58"),
    Refusal(
      bytes: Array(header().prefix(6)),
      message: "byte 6: expected the length of the header, found the end of the file"),
    Refusal(
      bytes: Array("MThd".utf8) + [0xFF, 0xFF, 0xFF, 0xFF, 0, 0],
      message: "byte 10: expected a number of tracks, found the end of the file"),
    Refusal(
      bytes: Array("MThd".utf8) + [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 0, 96],
      message: "byte 4: expected a header of 6 bytes, or more before a chunk, found 4294967295"),
    Refusal(
      bytes: Array("MThd".utf8) + [0, 0, 0, 5, 0, 0, 0, 1, 0, 96],
      message: "byte 4: expected a header of 6 bytes, or more before a chunk, found 5"),
    Refusal(
      bytes: header(format: 2),
      message: "byte 8: expected format 0 or 1, found format 2 (independent sequences)"),
    Refusal(bytes: header(format: 3), message: "byte 8: expected format 0 or 1, found 3"),
    Refusal(
      bytes: file(end, tracks: 2) + track(end),
      message: "byte 10: expected one track (format 0), found 2"),
    Refusal(
      bytes: file(end, format: 1, tracks: 0),
      message: "byte 10: expected the number of tracks (1), found 0"),
    Refusal(
      bytes: Array("MThd".utf8) + [0, 0, 0, 6, 0, 0, 0, 1, 0xE7, 0x28],
      message: "byte 12: expected ticks per quarter note, "
        + "found SMPTE time code, which has no beats"),
    Refusal(
      bytes: Array("MThd".utf8) + [0, 0, 0, 6, 0, 0, 0, 1, 0, 0],
      message: "byte 12: expected ticks per quarter note, found 0"),
    Refusal(
      bytes: header(), message: "byte 14: expected a track (MTrk), found the end of the file"),
    Refusal(
      bytes: header() + Array("MTrk".utf8) + [0, 0, 1, 0, 1],
      message: "byte 18: expected the length of the track, found 256 (1 left)"),
    Refusal(
      bytes: file([0, 60, 100]), message: "byte 23: expected a status byte, found 0x3C"),
    Refusal(bytes: file([0, 0xF1]), message: "byte 23: expected a status byte, found 0xF1"),
    Refusal(
      bytes: file([0, 0x90, 60]),
      message: "byte 25: expected a velocity, found the end of the file"),
    Refusal(
      bytes: file([0, 0x90, 60, 0x90]), message: "byte 25: expected a velocity, found 0x90"),
    Refusal(
      bytes: file([0x80, 0x80, 0x80, 0x80, 0]),
      message: "byte 22: expected a delta time of at most four bytes, found a longer number"),
    Refusal(
      bytes: file([0, 0xF0, 0xFF, 0xFF, 0xFF, 0x7F, 1]),
      message: "byte 28: expected 268435455 bytes of a system exclusive message, found only 1"),
    Refusal(
      bytes: file([0, 0xFF, 0x51, 3, 0, 0, 0]),
      message: "byte 26: expected a tempo above 0, found 0"),
    Refusal(
      bytes: file([0, 0xFF, 0x58, 4, 4, 7, 24, 8]),
      message: "byte 26: expected a meter from 1/1 to 64/64, found 4/2^7"),
    Refusal(
      bytes: file(Array(repeating: [0xFF, 0xFF, 0xFF, 0x7F, 0xC0, 1], count: 9).flatMap(\.self)),
      message: "byte 70: expected a tick of at most 2147483647, found 2415919095"),
  ]

  @Test("says where a broken file is broken", arguments: refusals) func refuses(_ refusal: Refusal)
  {
    let error = #expect(throws: MidiFileError.self) { try MidiFile(parsing: refusal.bytes) }
    #expect(error?.description == refusal.message)
  }

  @Test("writes note-offs before note-ons at one tick and keeps all other order")
  func putsNoteOffsBeforeNoteOnsAndKeepsTheRest() throws {
    let file = MidiFile(
      format: .singleTrack, ticksPerQuarter: 480,
      tracks: [
        [
          TimedEvent(tick: 480, event: .message(.program(channel: Channel(1)!, program: 3))),
          TimedEvent(tick: 480, event: .message(.noteOn(Self.note(60, 90)))),
          TimedEvent(tick: 480, event: .message(.noteOff(Self.note(60, 0)))),
          TimedEvent(tick: 0, event: .message(.noteOn(Self.note(60, 80)))),
          TimedEvent(tick: 480, event: .marker("B")),
        ]
      ])
    #expect(
      Self.text(try MidiFile(parsing: file.encoded()).tracks[0]) == [
        "0 on 60 80", "480 off 60 0", "480 program 1 3", "480 on 60 90", "480 marker B",
      ])
  }
}
