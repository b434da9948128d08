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
