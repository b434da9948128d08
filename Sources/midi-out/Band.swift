import Chords
import MidiFile
import Music
import Records

/// Plays chords and bass as they are promised.
struct Band: Sendable {
  private let settings: PlayerSettings
  private var voicer: Voicer
  /// The chord in force; it may be silent, where it can't be read or came too late.
  private var chord: PlannedChord?
  private var voicing: Voicing?
  private var sounding: [(part: Part, note: Note)] = []
  /// The frame's, until something is promised for it.
  private var pulse: Pulse?
  private var marker = ""
  /// Chords that nobody can read.
  private(set) var unreadableChords = 0

  init(settings: PlayerSettings) {
    self.settings = settings
    voicer = Voicer(register: settings.register, bassRegister: settings.bassRegister)
  }

  /// A frame begins, and this is promised for it.
  mutating func enter(_ pulse: Pulse, _ promise: Promises.Promise, _ cues: inout Cues) {
    self.pulse = pulse
    follow(promise, &cues)
  }

  /// Plays what is promised for the frame that has begun, unless it sounds already.
  mutating func follow(_ promise: Promises.Promise, _ cues: inout Cues) {
    switch promise {
    case .open:
      // Nobody says yet what comes: what sounds may go on.
      return
    case .silence:
      if chord != nil {
        chord = nil
        voicing = nil
        release(&cues)
        mark("N", &cues)
      }
    case .chord(let next):
      if next.from != chord?.from {
        chord = next
        release(&cues)
        read(next, &cues)
        strike(&cues)
      } else if let pulse, isStruckAgain(at: pulse) {
        release(&cues)
        strike(&cues)
      }
    }
    pulse = nil
  }

  /// The pattern strikes a chord that goes on; one that came too late comes in with the next beat.
  private func isStruckAgain(at pulse: Pulse) -> Bool {
    if sounding.isEmpty, pulse.isBeat { return true }
    return switch settings.pattern {
    case .held: false
    case .beats: pulse.isBeat
    case .bars: pulse.isBarLine
    }
  }

  mutating func release(_ cues: inout Cues) {
    for (part, note) in sounding { cues.add(part, .noteOff(note)) }
    sounding = []
  }

  private mutating func read(_ planned: PlannedChord, _ cues: inout Cues) {
    voicing = nil
    guard var symbol = try? ChordSymbol(planned.symbol) else {
      unreadableChords += 1
      return mark("N", &cues)
    }
    if let chord = symbol.chord {
      var bass = symbol.bass ?? chord.root.pitchClass
      if let planned = planned.bass.flatMap(PitchClass.init(rawValue:)), planned != bass {
        bass = planned
        symbol = .chord(chord.root, chord.quality, bass: NoteName(bass))
      }
      voicing = voicer.voicing(of: chord, bass: bass)
    }
    mark(symbol.description, &cues)
  }

  private mutating func strike(_ cues: inout Cues) {
    guard let voicing else { return }
    let notes = [(Part.bass, voicing.bass)] + voicing.upper.map { (Part.chords, $0) }
    for (part, pitch) in notes {
      let note = Note(channel: part.channel, pitch: pitch, velocity: settings.velocity)
      if cues.addNoteOn(part, note) { sounding.append((part, note)) }
    }
  }

  private mutating func mark(_ text: String, _ cues: inout Cues) {
    if text != marker { cues.add(.conductor, .marker(text)) }
    marker = text
  }
}
