/// Events that break the standard.
extension OddFileTests {
  static let eventKinds =
    [
      Oddity(
        "data over 127", body: [0, 0x90, 60, 0xC8, 96, 60, 0], ["0 on 60 127", "96 off 60 0"],
        "byte 25: expected a velocity, found 0xC8, clipped to 127"),
      Oddity(
        "running status without a status", body: [0, 1, 2, 3] + body, events,
        "byte 23: expected a status byte, found 0x01, skipped"),
      Oddity(
        "a number of six bytes", body: [0x80, 0x80, 0x80, 0x80, 0x80, 0, 0x90, 60, 100, 96, 60, 0],
        events, "byte 22: expected a delta time of at most four bytes, found a longer number"),
      Oddity(
        "a delta time beyond all", body: body + [0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 62, 100], events,
        "byte 29: expected a delta time of at most four bytes, found a longer number",
        "byte 29: expected a tick of at most 2147483647, found 2147483743, "
          + "the rest of the track is left out"),
      Oddity(
        "a system exclusive message that is longer than it says",
        body: [0, 0xF0, 2, 1, 2, 3, 4, 0xF7] + body, events,
        "byte 25: expected the length of a system exclusive message, found 2"),
      Oddity(
        "a system exclusive message that is shorter than it says",
        body: [0, 0xF0, 99, 1, 2, 0xF7] + body, events,
        "byte 25: expected the length of a system exclusive message, found 99"),
      Oddity(
        "a system exclusive message without an end", body: body + [0, 0xF0, 99, 1, 2], events,
        "byte 32: expected 99 bytes of a system exclusive message, found only 6, "
          + "the rest of the track is left out"),
    ] + systemMessages

  /// Each byte from 0xF1 to 0xFE that is no system exclusive message: alone, or with its data, and
  /// with a delta time after it, or not.
  static let systemMessages: [Oddity] = (0xF1...0xFE).filter { $0 != 0xF7 }.flatMap {
    status -> [Oddity] in
    let byte = UInt8(status)
    let remark = "byte 23: expected a status byte, found \(hexadecimalText(byte)), skipped"
    let data = [UInt8](repeating: 1, count: [0xF1: 1, 0xF2: 2, 0xF3: 1][status, default: 0])
    return [
      Oddity("\(remark) before a delta time", body: [0, byte] + body, events, remark),
      Oddity("\(remark) with data", body: [0, byte] + data + body, events, remark),
      Oddity("\(remark) before an event", body: [0, byte] + body.dropFirst(), events, remark),
    ]
  }

  private static func hexadecimalText(_ byte: UInt8) -> String {
    "0x" + String(byte, radix: 16, uppercase: true)
  }

  static let metaKinds = [
    Oddity(
      "tempo 0", body: [0, 0xFF, 0x51, 3, 0, 0, 0] + body, events,
      "byte 26: expected a tempo above 0, found 0, left out"),
    Oddity(
      "a short tempo", body: [0, 0xFF, 0x51, 2, 7, 7] + body, events,
      "byte 26: expected a tempo of three bytes, found 2, left out"),
    Oddity(
      "meters that no one can count",
      body: [0, 0xFF, 0x58, 4, 0, 2, 24, 8, 0, 0xFF, 0x58, 4, 4, 7, 24, 8] + body, events,
      "byte 26: expected a meter from 1/1 to 64/64, found 0/2^2, left out (2 times)"),
    Oddity(
      "a short meter", body: [0, 0xFF, 0x58, 1, 4] + body, events,
      "byte 26: expected a meter of four bytes, found 1, left out"),
    Oddity(
      "a short key signature", body: [0, 0xFF, 0x59, 1, 4] + body, events,
      "byte 26: expected a key signature of two bytes, found 1, left out"),
    Oddity(
      "a meta event that is longer than the track", body: body + [0, 0xFF, 1, 99, 65], events,
      "byte 33: expected 99 bytes of a meta event, found only 5, the rest of the track is left out"),
  ]
}
