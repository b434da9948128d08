import Music

/// The letters of a computer's keyboard as two octaves of piano keys.
///
/// ```
///   w e   t y u   o p   ]
///  a s d f g h j k l ; '
/// ```
///
/// `a` is C. With Shift a key sounds an octave higher.
struct Keyboard {
  /// The meaning of a key.
  enum Action: Hashable {
    case press(Note)
    /// End the note that sounds.
    case release
    case quit
  }

  /// Semitones above the lower C, in order.
  private static let keys = Array("awsedftgyhujkolp;']".utf8)
  private static let shiftedKeys = Array("AWSEDFTGYHUJKOLP:\"}".utf8)

  let channel: Channel
  /// The MIDI octave of the key `a`: 4 begins with middle C.
  private(set) var octave = 4
  private(set) var velocity = Velocity(100)!
  /// The position in the sequence of bytes that an arrow or function key sends.
  private var escape = Escape.none

  private enum Escape { case none, begun, sequence }

  init(channel: Channel) {
    self.channel = channel
  }

  /// Handles the next byte of the terminal. Returns nil if it asks for nothing to be played.
  mutating func receive(_ byte: UInt8) -> Action? {
    guard escape == .none else {
      skipEscape(byte)
      return nil
    }
    switch byte {
    case 0x1B: escape = .begun
    case UInt8(ascii: "z"): octave = max(octave - 1, -1)
    case UInt8(ascii: "x"): octave = min(octave + 1, 8)
    case UInt8(ascii: "c"): change(velocityTo: Int(velocity.rawValue) - 10)
    case UInt8(ascii: "v"): change(velocityTo: Int(velocity.rawValue) + 10)
    case UInt8(ascii: "1")...UInt8(ascii: "9"):
      change(velocityTo: 1 + 14 * Int(byte - UInt8(ascii: "0")))
    case UInt8(ascii: " "): return .release
    // Also ctrl-C and ctrl-D, if the terminal makes no signal or end of file of them.
    case UInt8(ascii: "q"), 0x03, 0x04: return .quit
    default: return note(of: byte).map { .press($0) }
    }
    return nil
  }

  /// The note of a key at the present octave and velocity.
  private func note(of byte: UInt8) -> Note? {
    let steps =
      Self.keys.firstIndex(of: byte) ?? Self.shiftedKeys.firstIndex(of: byte).map { $0 + 12 }
    guard let steps, let pitch = Pitch(12 * (octave + 1) + steps) else { return nil }
    return Note(channel: channel, pitch: pitch, velocity: velocity)
  }

  private mutating func change(velocityTo value: Int) {
    velocity = Velocity(min(max(value, 1), 127))!
  }

  /// Skips `ESC [ … letter` and `ESC O letter`. After a lone ESC the next key is skipped.
  private mutating func skipEscape(_ byte: UInt8) {
    switch (escape, byte) {
    case (.begun, UInt8(ascii: "[")), (.begun, UInt8(ascii: "O")): escape = .sequence
    case (.sequence, 0x20...0x3F): break
    default: escape = .none
    }
  }
}
