import Glibc

/// The pages of an Ogg file with one stream (RFC 3533).
///
/// libsndfile gives each stream a random serial number, which tells the streams in one file apart.
/// With a fixed number, the same music gives the same bytes.
enum OggStream {
  private static let serialNumber: UInt32 = 1
  private static let headerLength = 27
  private static let longestPage = 27 + 255 + 255 * 255

  /// Gives all pages the fixed serial number.
  static func setSerialNumber(_ descriptor: CInt, name: String) throws(SoundError) {
    var page = [UInt8](repeating: 0, count: longestPage)
    var offset = 0
    while true {
      let count = pread(descriptor, &page, page.count, offset)
      guard count >= 0 else { throw failure(name) }
      guard count > 0 else { return }
      guard let length = pageLength(page[..<count]) else {
        throw SoundError("write \(name)", reason: "no Ogg page at byte \(offset)")
      }
      setSerialNumber(&page, length)
      guard pwrite(descriptor, page, headerLength, offset) == headerLength else {
        throw failure(name)
      }
      offset += length
    }
  }

  /// The length of the page at the beginning of `bytes`: header, table of segments and segments.
  /// Nil if there is no whole page.
  private static func pageLength(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= headerLength, bytes.starts(with: "OggS".utf8) else { return nil }
    let segments = Int(bytes[26])
    guard bytes.count >= headerLength + segments else { return nil }
    let body = bytes[headerLength..<headerLength + segments].reduce(0) { $0 + Int($1) }
    let length = headerLength + segments + body
    return length <= bytes.count ? length : nil
  }

  private static func setSerialNumber(_ page: inout [UInt8], _ length: Int) {
    store(serialNumber, at: 14, in: &page)
    // The checksum is computed with zero in its own place.
    store(0, at: 22, in: &page)
    store(checksum(page[..<length]), at: 22, in: &page)
  }

  private static func store(_ value: UInt32, at offset: Int, in page: inout [UInt8]) {
    for byte in 0..<4 { page[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
  }

  /// CRC-32 with the polynomial 0x04C11DB7, most significant bit first, from 0.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(0) { sum, byte in
      sum << 8 ^ remainders[Int(UInt8(truncatingIfNeeded: sum >> 24) ^ byte)]
    }
  }

  private static let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte) << 24) { remainder, _ in
      remainder << 1 ^ (remainder >> 31) * 0x04C1_1DB7
    }
  }

  private static func failure(_ name: String) -> SoundError {
    SoundError("write \(name)", reason: String(cString: strerror(errno)))
  }
}
