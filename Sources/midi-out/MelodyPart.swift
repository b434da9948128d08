import MidiFile
import Music

/// Plays what the person plays, all channels together on one.
struct MelodyPart: Sendable {
  /// A pitch whose key is down on one channel or more.
  private struct Key: Sendable {
    /// How many keys are down: on several channels, or pressed twice.
    var count = 0
    var velocity: Velocity
  }

  /// Modulation, expression and the pedals. Options choose volume and program instead.
  private static let followedControls: Set<UInt8> = [1, 11, 64, 65, 66, 67]
  /// The controllers that hold notes.
  private static let pedals: ClosedRange<UInt8> = 64...67
  private static let channel = Part.melody.channel

  private var keys: [Pitch: Key] = [:]
  /// The notes that sound on the melody's channel.
  private var sounding = SoundingNotes()
  /// Pedals that are down.
  private var pedalsDown: Set<UInt8> = []
  private var bend = 0

  /// The music begins: notes begin for the keys that are down already.
  mutating func begin(_ cues: inout Cues) {
    for pitch in keys.keys.sorted() { beginNote(pitch, &cues) }
  }

  /// Follows a message. Before the music begins, it only follows which keys are down.
  mutating func receive(_ message: ChannelMessage, isPlaying: Bool, _ cues: inout Cues) {
    switch message {
    // The melody has no drums.
    case .noteOn(let note) where note.channel == .drums: break
    case .noteOff(let note) where note.channel == .drums: break
    case .noteOn(let note):
      release(note.pitch, &cues)
      keys[note.pitch, default: Key(velocity: note.velocity)].count += 1
      keys[note.pitch]?.velocity = note.velocity
      if isPlaying { beginNote(note.pitch, &cues) }
    case .noteOff(let note):
      guard let key = keys[note.pitch] else { return }
      if key.count > 1 {
        keys[note.pitch]?.count -= 1
      } else {
        release(note.pitch, &cues)
        keys[note.pitch] = nil
      }
    case .control(_, let controller, let value):
      guard isPlaying, Self.followedControls.contains(controller) else { return }
      cues.add(.melody, .control(channel: Self.channel, controller: controller, value: value))
      guard Self.pedals.contains(controller) else { return }
      if value > 0 { pedalsDown.insert(controller) } else { pedalsDown.remove(controller) }
    case .bend(_, let value):
      guard isPlaying else { return }
      bend = value
      cues.add(.melody, .bend(channel: Self.channel, value: value))
    case .program: break
    }
  }

  /// Ends all notes, lifts the pedals and ends the pitch bend.
  mutating func release(_ cues: inout Cues) {
    sounding.removeAll { cues.add(.melody, .noteOff($0)) }
    keys = [:]
    for pedal in pedalsDown.sorted() {
      cues.add(.melody, .control(channel: Self.channel, controller: pedal, value: 0))
    }
    pedalsDown = []
    if bend != 0 { cues.add(.melody, .bend(channel: Self.channel, value: 0)) }
    bend = 0
  }

  private mutating func beginNote(_ pitch: Pitch, _ cues: inout Cues) {
    guard let key = keys[pitch] else { return }
    let note = Self.note(pitch, key.velocity)
    if cues.addNoteOn(.melody, note) { sounding.insert(note) }
  }

  private mutating func release(_ pitch: Pitch, _ cues: inout Cues) {
    let note = Self.note(pitch, .unmeasuredRelease)
    if sounding.remove(note) { cues.add(.melody, .noteOff(note)) }
  }

  private static func note(_ pitch: Pitch, _ velocity: Velocity) -> Note {
    Note(channel: channel, pitch: pitch, velocity: velocity)
  }
}
