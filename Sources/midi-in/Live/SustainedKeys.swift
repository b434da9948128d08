import Music
import Records
import Sequencer

/// Knows which notes sound: a pedal that is down holds those whose keys are let go.
struct SustainedKeys: Sendable {
  private static let sustainPedal: UInt8 = 64
  private static let allSoundOff: UInt8 = 120
  private static let allNotesOff: ClosedRange<UInt8> = 123...127
  private static let released = Velocity(64)!

  private var sounding = KeySet()
  /// Those of them whose keys are up.
  private var held = KeySet()
  /// A bit for each channel.
  private var pedals: UInt16 = 0

  func isDown(_ channel: Channel, _ pitch: Pitch) -> Bool {
    sounding.contains(channel, pitch) && !held.contains(channel, pitch)
  }

  mutating func press(_ note: Note, _ add: (Event) -> Void) {
    if held.remove(note.channel, note.pitch) { add(.noteOff(note.released)) }
    sounding.insert(note.channel, note.pitch)
    add(.noteOn(note))
  }

  mutating func release(_ note: Note, _ add: (Event) -> Void) {
    if isPedalDown(note.channel), sounding.contains(note.channel, note.pitch) {
      held.insert(note.channel, note.pitch)
    } else {
      sounding.remove(note.channel, note.pitch)
      add(.noteOff(note))
    }
  }

  mutating func control(
    _ channel: Channel, _ controller: UInt8, _ value: UInt8, _ add: (Event) -> Void
  ) {
    add(.control(channel: channel, controller: controller, value: value))
    switch controller {
    case Self.sustainPedal:
      setPedal(channel, isDown: value >= 64)
      if value < 64 { releaseHeld(of: channel, add) }
    case Self.allSoundOff, Self.allNotesOff:
      held.removeAll(of: channel)
      sounding.removeAll(of: channel) { add(.noteOff(Self.note($0, $1))) }
    default: break
    }
  }

  /// Ends all notes, and lifts the pedals.
  mutating func releaseAll(_ add: (Event) -> Void) {
    held = KeySet()
    sounding.removeAll { add(.noteOff(Self.note($0, $1))) }
    for number in 1...16 where pedals & Self.bit(Channel(number)!) != 0 {
      add(.control(channel: Channel(number)!, controller: Self.sustainPedal, value: 0))
    }
    pedals = 0
  }

  private mutating func releaseHeld(of channel: Channel, _ add: (Event) -> Void) {
    var over = held
    held.removeAll(of: channel)
    over.removeAll(of: channel) {
      sounding.remove($0, $1)
      add(.noteOff(Self.note($0, $1)))
    }
  }

  private func isPedalDown(_ channel: Channel) -> Bool { pedals & Self.bit(channel) != 0 }

  private mutating func setPedal(_ channel: Channel, isDown: Bool) {
    if isDown { pedals |= Self.bit(channel) } else { pedals &= ~Self.bit(channel) }
  }

  private static func bit(_ channel: Channel) -> UInt16 { 1 << UInt16(channel.rawValue - 1) }

  private static func note(_ channel: Channel, _ pitch: Pitch) -> Note {
    Note(channel: channel, pitch: pitch, velocity: released)
  }
}
