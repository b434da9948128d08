/// A time in the stream, in microseconds since its epoch.
public struct Microseconds: RawRepresentable, Hashable, Comparable, Sendable {
  public var rawValue: Int64

  public init(rawValue: Int64) { self.rawValue = rawValue }
  public init(_ value: Int64) { rawValue = value }

  public static let zero = Microseconds(0)

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  public static func + (left: Self, right: Self) -> Self { Self(left.rawValue + right.rawValue) }
  public static func - (left: Self, right: Self) -> Self { Self(left.rawValue - right.rawValue) }
}

/// The number of a frame: a 16th note where a beat has four frames. Frame 0 is the first downbeat;
/// the frames of a count-in are negative.
public struct Frame: RawRepresentable, Hashable, Comparable, Strideable, Sendable {
  public var rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }
  public init(_ value: Int) { rawValue = value }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  public func distance(to other: Self) -> Int { other.rawValue - rawValue }
  public func advanced(by frames: Int) -> Self { Self(rawValue + frames) }
  public static func + (frame: Self, frames: Int) -> Self { frame.advanced(by: frames) }
  public static func - (frame: Self, frames: Int) -> Self { frame.advanced(by: -frames) }
}

/// A MIDI note number, 0 to 127; 60 is middle C.
public struct Pitch: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: UInt8

  /// Nil unless `rawValue` is 0 to 127.
  public init?(rawValue: UInt8) {
    guard rawValue < 128 else { return nil }
    self.rawValue = rawValue
  }

  /// Nil unless `value` is 0 to 127.
  public init?(_ value: Int) {
    guard 0..<128 ~= value else { return nil }
    rawValue = UInt8(value)
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A MIDI velocity, 0 to 127. A note_on's is at least 1.
public struct Velocity: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: UInt8

  /// MIDI's default velocity for a note-off, used if the speed of the release was not measured.
  public static let unmeasuredRelease = Velocity(64)!

  /// Nil unless `rawValue` is 0 to 127.
  public init?(rawValue: UInt8) {
    guard rawValue < 128 else { return nil }
    self.rawValue = rawValue
  }

  /// Nil unless `value` is 0 to 127.
  public init?(_ value: Int) {
    guard 0..<128 ~= value else { return nil }
    rawValue = UInt8(value)
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A MIDI channel, 1 to 16.
public struct Channel: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: UInt8

  /// The channel that General MIDI reserves for drums.
  public static let drums = Channel(10)!

  /// Nil unless `rawValue` is 1 to 16.
  public init?(rawValue: UInt8) {
    guard 1...16 ~= rawValue else { return nil }
    self.rawValue = rawValue
  }

  /// Nil unless `value` is 1 to 16.
  public init?(_ value: Int) {
    guard 1...16 ~= value else { return nil }
    rawValue = UInt8(value)
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// How beats are grouped into bars. A beat of the stream is always a quarter note, so a bar of 6/8
/// is three beats long.
public struct Meter: Hashable, Sendable {
  /// The upper number of the meter, 1 to 64: how many notes a bar has.
  public let numerator: Int
  /// The lower number of the meter, a power of two from 1 to 64. It says which notes the numerator
  /// counts: 4 for quarter notes, 8 for eighths.
  public let denominator: Int

  /// Nil unless the numerator is 1 to 64 and the denominator a power of two up to 64.
  public init?(_ numerator: Int, _ denominator: Int) {
    guard 1...64 ~= numerator, 1...64 ~= denominator, denominator.nonzeroBitCount == 1 else {
      return nil
    }
    self.numerator = numerator
    self.denominator = denominator
  }

  public static let fourFour = Meter(4, 4)!

  /// How many notes of the `denominator`'s length make one tapped beat.
  ///
  /// It is 3 if the denominator is at least 8 and the numerator is a multiple of 3 above 3, as in
  /// 6/8, 9/8 and 12/8. Otherwise it is 1. So 3/8 is tapped in eighths, unlike in the Transformer's
  /// `MetricalPlace`, where a bar of 3/8 is one dotted beat.
  public var notesPerTap: Int {
    denominator >= 8 && numerator > 3 && numerator.isMultiple(of: 3) ? 3 : 1
  }

  /// The length of a bar in beats (quarter notes).
  public var beatsPerBar: Double { 4 * Double(numerator) / Double(denominator) }
}
