import Music

extension MidiFile {
  /// The last tick that an event may have. Even at the slowest tempo it is less than 2^56
  /// microseconds, so no sum of times overflows.
  public static let lastTick = Int(Int32.max)

  /// Reads a file of format 0 or 1 that keeps to the standard.
  public init(parsing bytes: [UInt8]) throws(MidiFileError) {
    self = try MidiFileReading(bytes, isStrict: true).file
  }
}

/// A MIDI file that was read, and what was odd in it.
///
/// Reading takes memory in proportion to the number of bytes, and trusts no length that they
/// declare.
public struct MidiFileReading: Hashable, Sendable {
  public private(set) var file: MidiFile
  /// What breaks the standard, one of each kind, in the order in which it was found.
  public private(set) var oddities: [MidiFileOddity]

  /// - Parameter isStrict: whether a file that breaks the standard is refused. Otherwise only a
  ///   file is refused in which no track is found.
  public init(_ bytes: [UInt8], isStrict: Bool = false) throws(MidiFileError) {
    var tolerance = Tolerance(isStrict: isStrict)
    var reader = try ByteReader.midiFile(in: bytes, &tolerance)
    let header = try FileHeader(&reader, &tolerance)
    var tracks: [[TimedEvent]] = []
    while var track = try reader.nextTrack(&tolerance) {
      tracks.append(
        try TrackParser.events(of: &track, ticksPerTick: header.ticksPerTick, &tolerance))
      try reader.returnBytes(after: track, &tolerance)
    }
    guard !tracks.isEmpty else { throw reader.failure(expected: "a track (MTrk)") }
    try header.check(trackCount: tracks.count, &tolerance)
    file = header.file(of: tracks)
    oddities = tolerance.oddities
  }
}

extension ByteReader {
  /// Begins at the header. Of a file within other bytes, such as a RIFF file, only the MIDI file is
  /// read.
  fileprivate static func midiFile(
    in bytes: [UInt8], _ tolerance: inout Tolerance
  ) throws(MidiFileError) -> ByteReader {
    var reader = ByteReader(bytes)
    guard let start = MidiFile.start(in: bytes) else {
      let place = reader.commonPrefix(with: "MThd")
      throw reader.failure(
        at: place, expected: "a MIDI file (MThd)", found: MidiFile.kind(of: bytes, at: place))
    }
    guard start > 0 else { return reader }
    let isWrapped = reader.has("RIFF", at: 0)
    try tolerance.accept(
      reader.failure(
        at: 0, expected: "MThd at the beginning",
        found: isWrapped ? "a RIFF file" : "it after \(start) other bytes"))
    reader.offset = start
    if isWrapped, start >= 8, reader.has("data", at: start - 8) {
      let length = (1...4).reduce(0) { $0 << 8 | Int(bytes[start - $1]) }
      // What follows the data in the RIFF file is no part of the MIDI file.
      if length >= 14, length < bytes.count - start { reader = reader.part(start..<start + length) }
    }
    return reader
  }

  /// How many bytes at the beginning are those of a text.
  private func commonPrefix(with text: StaticString) -> Int {
    text.withUTF8Buffer { zip($0, bytes).prefix { $0 == $1 }.count }
  }

  /// Returns the next track; nil if there is none. Other chunks are skipped.
  fileprivate mutating func nextTrack(
    _ tolerance: inout Tolerance
  ) throws(MidiFileError) -> ByteReader? {
    while remaining >= 8 {
      if has("MTrk", at: offset) { return try track(&tolerance) }
      if has("MThd", at: offset) {
        try tolerance.accept(
          failure(expected: "one file", found: "another MThd"), remedy: "only the first is read")
        offset = end
        return nil
      }
      let next = offset + 8 + length(at: offset + 4)
      if hasChunk(at: offset), next == end || hasChunk(at: next) {
        offset = next
      } else {
        try tolerance.accept(failure(expected: "a chunk, or the end of the file"))
        offset = find("MTrk", from: offset + 1) ?? end
      }
    }
    if remaining > 0 { try tolerance.accept(failure(expected: "a chunk, or the end of the file")) }
    offset = end
    return nil
  }

  /// Returns the bytes of the track chunk that begins here. A length that leads to neither an end
  /// of a track nor another chunk is wrong, and the track ends where the next one begins.
  private mutating func track(_ tolerance: inout Tolerance) throws(MidiFileError) -> ByteReader {
    let start = offset + 8
    let length = length(at: offset + 4)
    var next = start + length
    let isWhole =
      next == end || hasChunk(at: next)
      || (length >= 3 && next < end && bytes[next - 3..<next].elementsEqual([0xFF, 0x2F, 0]))
    if !isWhole {
      let left = end - start
      try tolerance.accept(
        failure(
          at: offset + 4, expected: "the length of the track",
          found: "\(length)" + (length > left ? " (\(left) left)" : "")))
      next = find("MTrk", from: start) ?? end
    }
    offset = next
    return part(start..<next)
  }

  /// Looks at what a track chunk has after the end of its track: its length may comprise other
  /// tracks.
  fileprivate mutating func returnBytes(
    after track: ByteReader, _ tolerance: inout Tolerance
  ) throws(MidiFileError) {
    guard track.remaining > 0 else { return }
    if track.remaining >= 8, has("MTrk", at: track.offset) {
      try tolerance.accept(
        track.failure(expected: "the length of the track", found: "another track within it"))
      offset = track.offset
    } else {
      try tolerance.accept(
        track.failure(
          expected: "nothing after the end of a track", found: "\(track.remaining) bytes"),
        remedy: "left out")
    }
  }
}
