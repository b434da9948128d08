import MidiFile
import Music
import Records

@testable import midi_out

/// Plans and the bass that is played, drawn as text with one character for each frame from frame 0 on: `C`
/// where a chord begins, `-` where it goes on, `.` where none sounds, `?` for an unreadable symbol.
struct Drawing {
  /// In microseconds, at 120 beats a minute.
  static let frameLength: Int64 = 125_000

  var player: StreamPlayer
  private(set) var cues: [Cue] = []
  private var revision = 0

  init(
    _ settings: PlayerSettings = PlayerSettings(), tempo: Double = 120, meter: Meter = .fourFour
  ) {
    let header = Header(tempo: tempo, meter: meter, producer: "test", source: "test")
    player = StreamPlayer(header: header, settings: settings)
  }

  /// Plays one frame for each plan, and returns what is heard. A plan is drawn from frame 0 on, with `|`
  /// before the first frame that may still change; "" is no plan. `late` says for a frame how many
  /// milliseconds late its plan comes.
  static func heard(
    _ plans: [String], late: [Int: Int64] = [:], _ settings: PlayerSettings = PlayerSettings()
  ) -> String {
    var drawing = Drawing(settings)
    for (frame, plan) in plans.enumerated() {
      drawing.tick(frame)
      drawing.plan(plan, at: frame, late: late[frame].map { $0 * 1000 } ?? 0)
    }
    drawing.finish()
    return drawing.heard(frames: plans.count)
  }

  mutating func receive(_ event: Event, at time: Int64, late: Int64? = nil) {
    let record = Record(time: Microseconds(time), event: event)
    cues += player.receive(record, at: late.map { Microseconds(time + $0) })
  }

  mutating func tick(_ frame: Int) {
    receive(.tick(Frame(frame)), at: Int64(frame + 16) * Self.frameLength, late: 0)
  }

  mutating func plan(_ text: String, at frame: Int, late: Int64 = 0) {
    guard !text.isEmpty else { return }
    revision += 1
    let plan = Self.plan(text, frame: frame, revision: revision)
    receive(.plan(plan), at: Int64(frame + 16) * Self.frameLength, late: late)
  }

  mutating func finish() { cues += player.finish() }

  static func plan(_ text: String, frame: Int, revision: Int = 1) -> Plan {
    let commit = text.firstIndex(of: "|").map { text.distance(from: text.startIndex, to: $0) }
    var chords: [PlannedChord] = []
    let frames = text.filter { $0 != "|" }
    for (index, mark) in frames.enumerated() {
      let next = Frame(index + 1)
      if mark == "-" {
        if let last = chords.indices.last { chords[last].to = next }
      } else {
        let symbol = mark == "." ? "N" : mark == "?" ? "H" : String(mark)
        chords.append(PlannedChord(from: Frame(index), to: next, symbol: symbol))
      }
    }
    // A plan has no chords that are over.
    chords.removeAll { $0.to <= Frame(frame) }
    return Plan(
      frame: Frame(frame), revision: revision, commit: Frame(commit ?? frame),
      until: Frame(frames.count), chords: chords, melody: [])
  }

  /// The notes of the bass.
  func heard(frames: Int) -> String {
    let names = ["C", "d", "D", "e", "E", "F", "g", "G", "a", "A", "b", "B"]
    var isSounding = false
    return (0..<frames).map { frame in
      var struck: String?
      for cue in cues where cue.part == .bass && cue.position == Double(frame) {
        if case .message(.noteOn(let note)) = cue.event {
          struck = names[Int(note.pitch.rawValue) % 12]
          isSounding = true
        }
        if case .message(.noteOff) = cue.event { isSounding = false }
      }
      return struck ?? (isSounding ? "-" : ".")
    }.joined()
  }

  /// Notes that began and never ended, or ended twice.
  var unbalanced: [String] {
    var sounding: [String: Int] = [:]
    for cue in cues {
      switch cue.event {
      case .message(.noteOn(let note)):
        sounding["\(cue.part) \(note.pitch.rawValue)", default: 0] += 1
      case .message(.noteOff(let note)):
        sounding["\(cue.part) \(note.pitch.rawValue)", default: 0] -= 1
      default: break
      }
    }
    return sounding.filter { $0.value != 0 }.keys.sorted()
  }
}
