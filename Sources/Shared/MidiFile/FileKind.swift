extension MidiFile {
  /// How many bytes may come before a MIDI file. Mail programs and the Macintosh put some there.
  public static let longestPreamble = 65_536

  /// Where a MIDI file begins (MThd); nil if there is none, or none within `longestPreamble`.
  public static func start(in bytes: [UInt8]) -> Int? {
    guard foreignKind(of: bytes) == nil else { return nil }
    let reader = ByteReader(bytes)
    guard let start = reader.find("MThd", from: 0), start <= longestPreamble else { return nil }
    return start
  }

  /// What bytes without a MIDI file are, as errors name it: `a gzip file`, or else the byte at a
  /// place.
  public static func kind(of bytes: [UInt8], at place: Int = 0) -> String {
    foreignKind(of: bytes)
      ?? (place < bytes.count ? hexadecimal(bytes[place]) : "the end of the file")
  }

  /// Files that people take for MIDI files, or that have one inside in a form that is not read.
  private static func foreignKind(of bytes: [UInt8]) -> String? {
    let reader = ByteReader(bytes)
    if bytes.starts(with: [0x1F, 0x8B]) { return "a gzip file" }
    if reader.has("XMF_", at: 0) { return "an XMF file" }
    if reader.has("PK\u{3}\u{4}", at: 0) { return "a zip file" }
    if reader.has("RIFF", at: 0), reader.has("WAVE", at: 8) { return "a WAVE file" }
    if reader.has("OggS", at: 0) { return "an Ogg file" }
    if reader.has("fLaC", at: 0) { return "a FLAC file" }
    if reader.has("<?xml", at: 0) { return "an XML file" }
    return nil
  }
}
