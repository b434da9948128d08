extension MidiFile {
  /// The last tick that an event may have. Even at the slowest tempo it is less than 2^56
  /// microseconds, so no sum of times overflows.
  public static let lastTick = Int(Int32.max)

  /// Reads a file of format 0 or 1. It takes memory in proportion to the number of bytes, and never
  /// trusts a length that they declare.
  public init(parsing bytes: [UInt8]) throws(MidiFileError) {
    var reader = ByteReader(bytes)
    let header = try FileHeader(&reader)
    format = header.format
    ticksPerQuarter = header.ticksPerQuarter
    tracks = []
    while tracks.count < header.trackCount {
      let number = tracks.count + 1
      if var chunk = try reader.nextTrack("track \(number) of \(header.trackCount)") {
        tracks.append(try TrackParser.events(of: &chunk))
      }
    }
  }
}

/// The header chunk of a file.
private struct FileHeader {
  let format: MidiFile.Format
  let trackCount: Int
  let ticksPerQuarter: Int

  init(_ reader: inout ByteReader) throws(MidiFileError) {
    for byte in "MThd".utf8 {
      let start = reader.offset
      guard try reader.byte("a MIDI file (MThd)") == byte else {
        throw reader.failure(
          at: start, expected: "a MIDI file (MThd)", found: hexadecimal(reader.bytes[start]))
      }
    }
    let length = try reader.number(bytes: 4, "the length of the header")
    guard length >= 6 else {
      throw reader.failure(at: 4, expected: "a header of at least 6 bytes", found: "\(length)")
    }
    var chunk = try reader.part(of: length, "header")
    format = try Self.format(&chunk)
    trackCount = try chunk.number(bytes: 2, "a number of tracks")
    guard trackCount > 0, format == .parallelTracks || trackCount == 1 else {
      throw reader.failure(
        at: 10, expected: format == .singleTrack ? "one track (format 0)" : "at least one track",
        found: "\(trackCount)")
    }
    ticksPerQuarter = try Self.ticksPerQuarter(&chunk)
  }

  private static func format(_ chunk: inout ByteReader) throws(MidiFileError) -> MidiFile.Format {
    let number = try chunk.number(bytes: 2, "a format")
    guard let format = MidiFile.Format(rawValue: UInt16(number)) else {
      let found = number == 2 ? "format 2 (independent sequences)" : "\(number)"
      throw chunk.failure(at: 8, expected: "format 0 or 1", found: found)
    }
    return format
  }

  private static func ticksPerQuarter(_ chunk: inout ByteReader) throws(MidiFileError) -> Int {
    let division = try chunk.number(bytes: 2, "a division")
    guard division > 0, division < 0x8000 else {
      let found = division == 0 ? "0" : "SMPTE time code, which has no beats"
      throw chunk.failure(at: 12, expected: "ticks per quarter note", found: found)
    }
    return division
  }
}

extension ByteReader {
  /// Returns the next chunk; nil if it is no track.
  fileprivate mutating func nextTrack(_ expected: String) throws(MidiFileError) -> ByteReader? {
    guard remaining > 0 else { throw failure(expected: expected) }
    var isTrack = true
    for byte in "MTrk".utf8 where try self.byte(expected) != byte { isTrack = false }
    let length = try number(bytes: 4, "the length of \(expected)")
    let chunk = try part(of: length, isTrack ? expected : "a chunk")
    return isTrack ? chunk : nil
  }
}
