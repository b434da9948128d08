import MidiFile
import Music

/// Clicks on every beat, with another sound on the bar line.
struct Metronome: Sendable {
  /// General MIDI's high and low wood block.
  private let barLine: Note
  private let beat: Note
  private var sounding: Note?

  init(channel: Channel) {
    barLine = Note(channel: channel, pitch: Pitch(76)!, velocity: Velocity(80)!)
    beat = Note(channel: channel, pitch: Pitch(77)!, velocity: Velocity(56)!)
  }

  mutating func enter(_ pulse: Pulse, _ cues: inout Cues) {
    release(&cues)
    guard pulse.isBeat else { return }
    let note = pulse.isBarLine ? barLine : beat
    if cues.addNoteOn(.metronome, note) { sounding = note }
  }

  mutating func release(_ cues: inout Cues) {
    if let sounding { cues.add(.metronome, .noteOff(sounding)) }
    sounding = nil
  }
}
