import MidiFile
import Music
import Records
import Timeline

@testable import midi_in

/// Melodies as text, one character for each frame: `C---E---.` A letter begins a note, from C4 to
/// B4, or in lower case from C5 to B5. `-` holds the note, and `.` is a rest.
enum Drawing {
  static let steps: [Character: Int] = ["C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11]
  static let ticksPerFrame = 120

  static func pitch(_ letter: Character) -> Pitch? {
    guard let step = steps[Character(letter.uppercased())] else { return nil }
    return Pitch((letter.isLowercase ? 72 : 60) + step)
  }

  static func letter(_ pitch: Pitch) -> Character {
    let name = steps.first { $0.value == pitch.rawValue % 12 }?.key ?? "?"
    return pitch.rawValue >= 72 ? Character(name.lowercased()) : name
  }

  /// The note events of a drawing.
  static func events(_ drawing: String, channel: Int = 1) -> [TimedEvent] {
    var events: [TimedEvent] = []
    var sounding: Note?
    let frames = drawing.filter { $0 != "|" && $0 != " " } + "."
    for (frame, character) in frames.enumerated() where character != "-" {
      let tick = frame * ticksPerFrame
      if let note = sounding {
        events.append(TimedEvent(tick: tick, event: .message(.noteOff(note))))
      }
      sounding = pitch(character).map {
        Note(channel: Channel(channel)!, pitch: $0, velocity: Velocity(100)!)
      }
      if let note = sounding {
        events.append(TimedEvent(tick: tick, event: .message(.noteOn(note))))
      }
    }
    return events
  }

  /// A file with a track of `conduct` events and a track for each drawing.
  static func file(_ drawings: String..., conduct: [(frame: Int, MidiEvent)] = []) -> MidiFile {
    let conductor = conduct.map { TimedEvent(tick: $0.frame * ticksPerFrame, event: $0.1) }
    return MidiFile(
      ticksPerQuarter: 4 * ticksPerFrame, tracks: [conductor] + drawings.map { events($0) })
  }

  static func records(_ file: MidiFile, _ options: TuneOptions) throws -> [Record] {
    let tune = try tune(file, options)
    return Array(TunePerformance(tune, options, producer: "test", source: "test"))
  }

  /// The tune of what midi-in takes for the melody.
  static func tune(_ file: MidiFile, _ options: TuneOptions) throws(TuneError) -> Tune {
    try Tune(file, try TrackChoice(file, track: nil, channel: nil), options)
  }

  /// The drawing of what is played of a file, with `|` at bar lines and `||` before frame 0.
  static func played(_ file: MidiFile, _ options: TuneOptions = TuneOptions()) throws -> String {
    draw(try records(file, options))
  }

  /// The drawing of records. A note belongs to the nearest frame.
  static func draw(_ records: [Record]) -> String {
    guard case .header(let header) = records.first?.event else { return "no header" }
    var timeline = Timeline(header: header)
    var frames: [Character] = []
    var bars: [String] = []
    var first = 0
    var sounding: Note?
    func index(_ time: Microseconds) -> Int {
      Int(timeline.position(at: time).rounded()) - first
    }
    func fill(to end: Int) {
      while frames.count < end { frames.append(sounding == nil ? "." : "-") }
    }
    for record in records {
      timeline.receive(record)
      switch record.event {
      case .tick(let frame):
        if bars.isEmpty { first = frame.rawValue }
        let isLine = timeline.barPosition(of: frame).place == 0 && !bars.isEmpty
        bars.append(!isLine ? "" : frame == Frame(0) ? "||" : "|")
      case .message(.noteOn(let note)):
        fill(to: index(record.time))
        if frames.count > index(record.time) { frames.removeLast() }
        frames.append(letter(note.pitch))
        sounding = note
      case .message(.noteOff(let note)) where note.pitch == sounding?.pitch:
        fill(to: index(record.time))
        sounding = nil
      case .end: fill(to: bars.count)
      default: break
      }
    }
    guard frames.count == bars.count else { return "\(frames.count) for \(bars.count) ticks" }
    return zip(bars, frames).map { $0 + String($1) }.joined()
  }
}
