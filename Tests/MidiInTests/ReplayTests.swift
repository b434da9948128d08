import Music
import RealTime
import Records
import Testing

@testable import midi_in

@Suite struct ReplayTests {
  static let header =
    #"{"t":0,"type":"header","format":"jam","version":1,"tempo":90,"meter":"3/4","#
    + #""frames_per_beat":4,"producer":"p","source":"s","mood":"blue"}"#

  static func line(_ text: String) throws -> Line {
    Line(number: 1, bytes: Array((text + "\n").utf8), record: try Record(parsing: text))
  }

  @Test(
    "scales times and tempi with --speed",
    arguments: [
      (
        #"{"t":1000,"type":"tick","frame":1,"mine":[1]}"#,
        #"{"t":500,"type":"tick","frame":1,"mine":[1]}"#
      ),
      (
        #"{"t":3,"type":"tempo","frame":1,"value":90}"#,
        #"{"t":2,"type":"tempo","frame":1,"value":180}"#
      ),
      (#"{"t":3,"type":"unheard","of":"t"}"#, #"{"t":2,"type":"unheard","of":"t"}"#),
      (header, header.replacing("90", with: "180")),
    ]) func speedChangesTimesAndTempi(line: String, expected: String) throws
  {
    let retimed = RetimedLine(try Self.line(line), speed: 2)
    #expect(String(decoding: retimed.bytes, as: UTF8.self) == expected + "\n")
    #expect(try Record(parsing: retimed.bytes) == retimed.record)
  }

  @Test("changes no byte at speed 1")
  func anUnchangedSpeedChangesNothing() throws {
    let text = #"{ "t" : 1000, "type":"tick",  "frame":1 }"#
    #expect(RetimedLine(try Self.line(text), speed: 1).bytes == Array((text + "\n").utf8))
  }

  /// A replay in real time has an epoch of its own.
  @Test("puts the new epoch into the header of a replay")
  func theHeaderTellsTheNewEpoch() throws {
    let old = Self.header.dropLast() + #","epoch_us":5,"wall":"then"}"#
    for text in [Self.header, String(old)] {
      let line = RetimedLine(try Self.line(text), speed: 1)
      let epoch = Epoch(monotonic: Microseconds(77), sinceUnixEpoch: .zero)
      let bytes = line.bytes(with: epoch)
      #expect(
        String(decoding: bytes, as: UTF8.self) == Self.header.dropLast()
          + #","epoch_us":77,"wall":"1970-01-01T00:00:00.000000Z"}"# + "\n")
    }
  }

  @Test("writes no epoch for a time 0 before the machine was switched on")
  func writesNoNegativeEpoch() throws {
    let old = Self.header.dropLast() + #","epoch_us":5,"wall":"then"}"#
    let line = RetimedLine(try Self.line(String(old)), speed: 1)
    let epoch = Epoch(monotonic: Microseconds(-1), sinceUnixEpoch: Microseconds(-1))
    guard case .header(let header) = try Record(parsing: line.bytes(with: epoch)).event else {
      Issue.record("expected a header")
      return
    }
    #expect(header.epoch == nil && header.wall == "1969-12-31T23:59:59.999999Z")
  }

  @Test("ends the notes that sound when a replay is broken off")
  func knowsWhatSounds() {
    func note(_ pitch: Int, _ channel: Int) -> Note {
      Note(channel: Channel(channel)!, pitch: Pitch(pitch)!, velocity: Velocity(64)!)
    }
    var sounding = SoundingNotes()
    for message: ChannelMessage in [
      .noteOn(note(64, 1)), .noteOn(note(60, 2)), .noteOn(note(60, 1)), .noteOff(note(64, 1)),
    ] { sounding.receive(message) }
    #expect(
      sounding.endings(at: Microseconds(5), reason: "interrupted").map(\.event) == [
        .message(.noteOff(note(60, 1))), .message(.noteOff(note(60, 2))),
        .end(reason: "interrupted"),
      ])
  }
}
