import Music
import Testing

@testable import MidiFile

/// Files that break the standard, and that players read all the same.
@Suite struct OddFileTests {
  struct Oddity: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// The events of all tracks.
    let events: [String]
    let remarks: [String]
    var testDescription: String { name }

    init(_ name: String, _ bytes: [UInt8], _ events: [String], _ remarks: String...) {
      (self.name, self.bytes, self.events, self.remarks) = (name, bytes, events, remarks)
    }

    /// A file of one track.
    init(_ name: String, body: [UInt8], _ events: [String], _ remarks: String...) {
      self.name = name
      bytes = MidiFileTests.file(body + MidiFileTests.end)
      (self.events, self.remarks) = (events, remarks)
    }
  }

  static let body: [UInt8] = [0, 0x90, 60, 100, 96, 60, 0]
  static let events = ["0 on 60 100", "96 off 60 0"]
  static let track = MidiFileTests.track(body + MidiFileTests.end)
  static let end = MidiFileTests.end

  static func header(_ numbers: UInt8...) -> [UInt8] { Array("MThd".utf8) + [0, 0, 0] + numbers }

  static func chunk(_ name: String, length: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    Array(name.utf8) + [0, 0, 0, length] + bytes
  }

  static let wrappings = [
    Oddity(
      "a RIFF file, with a chunk after the data",
      Array("RIFF".utf8) + [48, 0, 0, 0] + Array("RMIDdata".utf8) + [33, 0, 0, 0]
        + MidiFileTests.header() + track + [0] + Array("LIST".utf8) + [2, 0, 0, 0, 1, 2],
      events, "byte 0: expected MThd at the beginning, found a RIFF file"),
    Oddity(
      "a MacBinary header",
      [UInt8](repeating: 0, count: 128) + MidiFileTests.header() + track,
      events, "byte 0: expected MThd at the beginning, found it after 128 other bytes"),
    Oddity(
      "a second file", MidiFileTests.header() + track + MidiFileTests.header() + track, events,
      "byte 33: expected one file, found another MThd, only the first is read"),
    Oddity(
      "bytes after the tracks", MidiFileTests.header() + track + [0, 0, 0], events,
      "byte 33: expected a chunk, or the end of the file, found 0x00"),
    Oddity(
      "bytes between the tracks",
      MidiFileTests.header(format: 1, tracks: 2) + track + [UInt8](repeating: 0, count: 9) + track,
      events + events, "byte 33: expected a chunk, or the end of the file, found 0x00"),
    Oddity(
      "an unknown chunk whose length is wrong",
      MidiFileTests.header() + chunk("Nope", length: 99, [1, 2, 3]) + track, events,
      "byte 14: expected a chunk, or the end of the file, found 0x4E"),
  ]

  static let headers = [
    Oddity(
      "format 0 with two tracks", MidiFileTests.header(tracks: 2) + track + track,
      events + events, "byte 10: expected one track (format 0), found 2"),
    Oddity(
      "format 2",
      MidiFileTests.header(format: 2, tracks: 3) + MidiFileTests.track(end) + track
        + MidiFileTests.track([0, 0xC0, 1] + end), events,
      "byte 8: expected format 0 or 1, found format 2 (independent sequences), "
        + "only the first with notes is read"),
    Oddity(
      "an unknown format", MidiFileTests.header(format: 9) + track, events,
      "byte 8: expected format 0 or 1, found 9, read as format 1"),
    Oddity(
      "more tracks than it says", MidiFileTests.header(format: 1, tracks: 0) + track + track,
      events + events, "byte 10: expected the number of tracks (2), found 0"),
    Oddity(
      "fewer tracks than it says", MidiFileTests.header(format: 1, tracks: 255) + track, events,
      "byte 10: expected the number of tracks (1), found 255"),
    Oddity(
      "a short header", header(0, 0, 0, 0, 1, 0, 96) + track, events,
      "byte 4: expected a header of 6 bytes, or more before a chunk, found 0"),
    Oddity(
      "a header that is said to be long", header(200, 0, 0, 0, 1, 0, 96) + track, events,
      "byte 4: expected a header of 6 bytes, or more before a chunk, found 200"),
    Oddity(
      "no ticks in a quarter note", header(6, 0, 0, 0, 1, 0, 0) + track, events,
      "byte 12: expected ticks per quarter note, found 0, 96 are assumed"),
  ]

  static let lengths = [
    Oddity(
      "a last track cut short in an event",
      MidiFileTests.header() + chunk("MTrk", length: 99, body + [96, 0x90]), events,
      "byte 18: expected the length of the track, found 99 (9 left)",
      "byte 31: expected a pitch, found the end of the file, the rest of the track is left out"),
    Oddity(
      "a track that is longer than it says",
      MidiFileTests.header(format: 1, tracks: 2) + chunk("MTrk", length: 3, body + end) + track,
      events + events, "byte 18: expected the length of the track, found 3"),
    Oddity(
      "a track that comprises the next one",
      MidiFileTests.header(format: 1, tracks: 2) + chunk("MTrk", length: 30, body + end) + track,
      events + events, "byte 33: expected the length of the track, found another track within it"),
    Oddity(
      "no event that ends the track", MidiFileTests.file(body), events,
      "byte 29: expected the event that ends a track, found the end of the file"),
    Oddity(
      "events after the end of the track", MidiFileTests.file(body + end + body), events,
      "byte 33: expected nothing after the end of a track, found 7 bytes, left out"),
  ]

  @Test(
    "reads what players read, and says what was odd",
    arguments: wrappings + headers + lengths + OddFileTests.eventKinds + OddFileTests.metaKinds)
  func readsOddFiles(_ odd: Oddity) throws {
    let reading = try MidiFileReading(odd.bytes)
    #expect(reading.file.tracks.flatMap(MidiFileTests.text) == odd.events)
    #expect(reading.oddities.map(\.description) == odd.remarks)
    #expect(reading.file.ticksPerQuarter == 96)
    let error = #expect(throws: MidiFileError.self) {
      try MidiFileReading(odd.bytes, isStrict: true)
    }
    #expect(error == reading.oddities.first?.error)
  }

  /// A second is 1000 ticks at 25 frames of 40 ticks, and 1001 of 1/1000 s at 30 drop frames.
  @Test(
    "the ticks of a time code last as long as it says",
    arguments: [
      (0xE7, 40, 1_000_000), (0xE2, 80, 416_667), (0xE3, 80, 417_083), (0xE8, 1, 41_666_667),
    ])
  func readsTimeCode(frames: Int, ticks: Int, thousandTicks: Int64) throws {
    let late: [UInt8] = [0, 0xFF, 0x51, 3, 1, 0, 0, 0x87, 0x68, 0x90, 60, 100]
    let bytes = Self.header(6, 0, 0, 0, 1, UInt8(frames), UInt8(ticks))
    let reading = try MidiFileReading(bytes + MidiFileTests.track(late + Self.end))
    let note = try #require(reading.file.tracks[0].last)
    #expect(TempoMap(reading.file).time(of: note.tick) == Microseconds(thousandTicks))
    #expect(
      reading.oddities.map(\.description) == [
        "byte 12: expected ticks per quarter note, found SMPTE time code, which has no beats, "
          + "tempo 120 is assumed"
      ])
  }

  @Test(
    "names what no MIDI file is",
    arguments: [
      ([0x1F, 0x8B, 8] + Array("MThd".utf8), "a gzip file"),
      (Array("XMF_1.00 MThd".utf8), "an XMF file"), (Array("PK\u{3}\u{4}MThd".utf8), "a zip file"),
      (Array("<?xml version".utf8), "an XML file"), ([7], "0x07"),
      (Array("RIFF0000WAVEfmt ".utf8), "a WAVE file"),
      ([UInt8](repeating: 1, count: 70_000) + MidiFileTests.header(), "0x01"),
    ] as [([UInt8], String)])
  func namesOtherFiles(bytes: [UInt8], kind: String) {
    let error = #expect(throws: MidiFileError.self) { try MidiFileReading(bytes) }
    #expect(error?.description == "byte 0: expected a MIDI file (MThd), found \(kind)")
  }

  @Test("text that is not UTF-8 is read as Windows-1252, without control characters")
  func readsOldText() throws {
    let bytes = MidiFileTests.file([0, 0xFF, 3, 5, 0xE9, 0x93, 0x80, 0x9B, 0x81] + Self.end)
    let reading = try MidiFileReading(bytes)
    #expect(MidiFileTests.text(reading.file.tracks[0]) == ["0 name é“€›\u{FFFD}"])
  }
}
