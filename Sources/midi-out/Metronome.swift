import MidiFile
import Records

/// A click on every beat, another on the bar line.
struct Metronome: Sendable {
  /// General MIDI's high and low wood block.
  private static let barLine = Note(
    channel: Part.metronome.channel, pitch: Pitch(76)!, velocity: Velocity(80)!)
  private static let beat = Note(
    channel: Part.metronome.channel, pitch: Pitch(77)!, velocity: Velocity(56)!)

  private var sounding: Note?

  mutating func enter(_ pulse: Pulse, _ cues: inout Cues) {
    release(&cues)
    guard pulse.isBeat else { return }
    let note = pulse.isBarLine ? Self.barLine : Self.beat
    if cues.addNoteOn(.metronome, note) { sounding = note }
  }

  mutating func release(_ cues: inout Cues) {
    if let sounding { cues.add(.metronome, .noteOff(sounding)) }
    sounding = nil
  }
}
