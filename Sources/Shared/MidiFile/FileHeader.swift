import Music

/// The header chunk of a file.
struct FileHeader {
  private let offset: Int
  private let format: Int
  private let trackCount: Int
  private let division: Division

  /// Reads the header, after which `reader` is at the next chunk.
  init(_ reader: inout ByteReader, _ tolerance: inout Tolerance) throws(MidiFileError) {
    offset = reader.offset
    reader.offset += 4
    let length = try reader.number(bytes: 4, "the length of the header")
    format = try reader.number(bytes: 2, "a format")
    trackCount = try reader.number(bytes: 2, "a number of tracks")
    division = Division(try reader.number(bytes: 2, "a division"))
    let next = offset + 8 + length
    if next <= reader.end, length == 6 || (length > 6 && reader.hasChunk(at: next)) {
      reader.offset = next
    } else {
      try tolerance.accept(
        reader.failure(
          at: offset + 4, expected: "a header of 6 bytes, or more before a chunk",
          found: "\(length)"))
    }
    try checkFormat(reader, &tolerance)
    try checkDivision(reader, &tolerance)
  }

  private func checkFormat(
    _ reader: ByteReader, _ tolerance: inout Tolerance
  ) throws(MidiFileError) {
    guard format > 1 else { return }
    let isSequences = format == 2
    try tolerance.accept(
      reader.failure(
        at: offset + 8, expected: "format 0 or 1",
        found: isSequences ? "format 2 (independent sequences)" : "\(format)"),
      remedy: isSequences ? "only the first with notes is read" : "read as format 1")
  }

  private func checkDivision(
    _ reader: ByteReader, _ tolerance: inout Tolerance
  ) throws(MidiFileError) {
    let (found, remedy) =
      switch division {
      case .ticksPerQuarter: (nil as String?, "")
      case .none: ("0", "\(Division.usual) are assumed")
      case .timeCode: ("SMPTE time code, which has no beats", "tempo 120 is assumed")
      }
    guard let found else { return }
    try tolerance.accept(
      reader.failure(at: offset + 12, expected: "ticks per quarter note", found: found),
      remedy: remedy)
  }

  /// Compares the number of tracks with what the header says.
  func check(trackCount found: Int, _ tolerance: inout Tolerance) throws(MidiFileError) {
    func accept(_ expected: String, _ found: String) throws(MidiFileError) {
      try tolerance.accept(
        MidiFileError(offset: offset + 10, expected: expected, found: found))
    }
    if found != trackCount { try accept("the number of tracks (\(found))", "\(trackCount)") }
    if format == 0, found > 1 { try accept("one track (format 0)", "\(found)") }
  }

  /// How many ticks one tick of the bytes is.
  var ticksPerTick: Int {
    if case .timeCode = division { 2 } else { 1 }
  }

  /// Makes the file of the tracks, of which there is at least one.
  func file(of tracks: [[TimedEvent]]) -> MidiFile {
    var tracks = tracks
    if format == 2 {
      tracks = [tracks.first { $0.contains { $0.event.isNoteOn } } ?? tracks[0]]
    }
    if case .timeCode(let framesPerSecond, _) = division {
      for index in tracks.indices { tracks[index].removeAll { $0.event.isTempo } }
      // What is called 29 frames a second is 30 in 1.001 seconds.
      let tempo = MidiEvent.tempo(
        microsecondsPerQuarter: framesPerSecond == 29 ? 500_500 : 500_000)
      tracks[0].insert(TimedEvent(tick: 0, event: tempo), at: 0)
    }
    let isSingle = tracks.count == 1 && format != 1
    return MidiFile(
      format: isSingle ? .singleTrack : .parallelTracks, ticksPerQuarter: division.ticksPerQuarter,
      tracks: tracks)
  }
}

/// What a tick is.
private enum Division {
  /// The ticks of a quarter note if a file does not say how many there are.
  static let usual = 96

  case ticksPerQuarter(Int)
  case timeCode(framesPerSecond: Int, ticksPerFrame: Int)
  case none

  init(_ number: Int) {
    switch number {
    case 0: self = .none
    case 1...0x7FFF: self = .ticksPerQuarter(number)
    default:
      self = .timeCode(framesPerSecond: 256 - number >> 8, ticksPerFrame: max(1, number & 0xFF))
    }
  }

  /// With a time code, the ticks of a second: half as many would be half a second, a quarter note
  /// at 120 beats a minute, but may be no whole number. So each tick of the bytes counts twice.
  var ticksPerQuarter: Int {
    switch self {
    case .ticksPerQuarter(let number): number
    case .timeCode(let framesPerSecond, let ticksPerFrame):
      (framesPerSecond == 29 ? 30 : framesPerSecond) * ticksPerFrame
    case .none: Self.usual
    }
  }
}

extension MidiEvent {
  fileprivate var isNoteOn: Bool {
    if case .message(.noteOn) = self { true } else { false }
  }

  fileprivate var isTempo: Bool {
    if case .tempo = self { true } else { false }
  }
}
