import Music

/// Follows which notes sound: while a pedal is down, notes go on after their keys are released.
struct SustainedKeys: Sendable {
  private static let sustainPedal: UInt8 = 64
  private static let allSoundOff: UInt8 = 120
  private static let allNotesOff: ClosedRange<UInt8> = 123...127

  private var sounding = SoundingNotes()
  /// The sounding notes whose keys are up.
  private var held = SoundingNotes()
  /// The channels whose sustain pedal is down, a bit for each.
  private var pedals: UInt16 = 0

  func isDown(_ note: Note) -> Bool { sounding.contains(note) && !held.contains(note) }

  mutating func press(_ note: Note, _ add: (ChannelMessage) -> Void) {
    if held.remove(note) { add(.noteOff(note.released)) }
    sounding.insert(note)
    add(.noteOn(note))
  }

  mutating func release(_ note: Note, _ add: (ChannelMessage) -> Void) {
    if isPedalDown(note.channel), sounding.contains(note) {
      held.insert(note)
    } else {
      sounding.remove(note)
      add(.noteOff(note))
    }
  }

  mutating func control(
    _ channel: Channel, _ controller: UInt8, _ value: UInt8, _ add: (ChannelMessage) -> Void
  ) {
    add(.control(channel: channel, controller: controller, value: value))
    switch controller {
    case Self.sustainPedal:
      setPedal(channel, isDown: value >= 64)
      if value < 64 { releaseHeld(of: channel, add) }
    case Self.allSoundOff, Self.allNotesOff:
      held.removeAll(of: channel)
      sounding.removeAll(of: channel) { add(.noteOff($0)) }
    default: break
    }
  }

  /// Ends all notes, and lifts the pedals.
  mutating func releaseAll(_ add: (ChannelMessage) -> Void) {
    held = SoundingNotes()
    sounding.removeAll { add(.noteOff($0)) }
    for number in 1...16 where pedals & Self.bit(Channel(number)!) != 0 {
      add(.control(channel: Channel(number)!, controller: Self.sustainPedal, value: 0))
    }
    pedals = 0
  }

  private mutating func releaseHeld(of channel: Channel, _ add: (ChannelMessage) -> Void) {
    var over = held
    held.removeAll(of: channel)
    over.removeAll(of: channel) {
      sounding.remove($0)
      add(.noteOff($0))
    }
  }

  private func isPedalDown(_ channel: Channel) -> Bool { pedals & Self.bit(channel) != 0 }

  private mutating func setPedal(_ channel: Channel, isDown: Bool) {
    if isDown { pedals |= Self.bit(channel) } else { pedals &= ~Self.bit(channel) }
  }

  private static func bit(_ channel: Channel) -> UInt16 { 1 << UInt16(channel.rawValue - 1) }
}
