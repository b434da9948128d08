import Chords
import MidiFile
import Music
import Records

/// Plays the committed chords: the upper voices on the part `chords`, the bass on the part `bass`.
struct ChordPart: Sendable {
  private let settings: PlayerSettings
  private var voicer: Voicer
  /// The chord in force. It is silent if its symbol can't be read, or if it came too late.
  private var chord: CommittedChord?
  private var voicing: Voicing?
  private var sounding: [(part: Part, note: Note)] = []
  /// The weight of the frame that has begun, until something is committed for it.
  private var pulse: Pulse?
  private var marker = ""
  /// Why the last symbol that can't be read can't.
  private(set) var unreadable: ChordSymbolError?

  init(settings: PlayerSettings) {
    self.settings = settings
    voicer = Voicer(register: settings.register, bassRegister: settings.bassRegister)
  }

  /// A frame begins, with what is committed for it.
  mutating func enter(
    _ pulse: Pulse, _ content: CommittedChords.Content, _ cues: inout Cues
  ) {
    self.pulse = pulse
    play(content, &cues)
  }

  /// Plays what is committed for the frame that has begun, unless it sounds already.
  mutating func play(_ content: CommittedChords.Content, _ cues: inout Cues) {
    switch content {
    case .undecided:
      // The chord that sounds goes on until a plan says otherwise.
      return
    case .silence:
      if chord != nil {
        chord = nil
        voicing = nil
        release(&cues)
        mark("N", &cues)
      }
    case .chord(let next):
      if next.planned.from != chord?.planned.from {
        chord = next
        release(&cues)
        read(next, &cues)
        beginNotes(&cues)
      } else if let pulse, isRepeated(at: pulse) {
        release(&cues)
        beginNotes(&cues)
      }
    }
    pulse = nil
  }

  /// Whether the notes of a chord that goes on begin again: where the pattern says so, and on the
  /// next beat for a chord that came too late.
  private func isRepeated(at pulse: Pulse) -> Bool {
    if sounding.isEmpty, pulse.isBeat { return true }
    return switch settings.pattern {
    case .held: false
    case .beats: pulse.isBeat
    case .bars: pulse.isBarLine
    }
  }

  /// Ends all notes.
  mutating func release(_ cues: inout Cues) {
    for (part, note) in sounding { cues.add(part, .noteOff(note)) }
    sounding = []
  }

  private mutating func read(_ committed: CommittedChord, _ cues: inout Cues) {
    voicing = nil
    let planned = committed.planned
    var symbol: ChordSymbol
    do throws(ChordSymbolError) {
      symbol = try ChordSymbol(planned.symbol)
    } catch {
      unreadable = error
      return mark("N", &cues)
    }
    if let chord = symbol.chord {
      var bass = symbol.bass ?? chord.root.pitchClass
      if let planned = planned.bass.flatMap(PitchClass.init(rawValue:)), planned != bass {
        bass = planned
        let name = chord.quality.name(ofBass: bass, above: chord.root)
        symbol = .chord(chord.root, chord.quality, bass: name)
      }
      voicing = voicer.voicing(of: chord, bass: bass, below: committed.ceiling)
    }
    mark(symbol.description, &cues)
  }

  private mutating func beginNotes(_ cues: inout Cues) {
    guard let voicing else { return }
    let notes = [(Part.bass, voicing.bass)] + voicing.upper.map { (Part.chords, $0) }
    for (part, pitch) in notes {
      let note = Note(channel: part.channel, pitch: pitch, velocity: settings.velocity)
      if cues.addNoteOn(part, note) { sounding.append((part, note)) }
    }
  }

  /// Adds a marker with a chord symbol, unless the last marker has it already.
  private mutating func mark(_ text: String, _ cues: inout Cues) {
    if text != marker { cues.add(.conductor, .marker(text)) }
    marker = text
  }
}
