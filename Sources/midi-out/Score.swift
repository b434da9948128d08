import MidiFile
import Music

/// Collects what is played for a Standard MIDI File: a track for tempo, meter and chord symbols,
/// and one for each part. Each frame begins exactly on a tick.
struct Score {
  /// A note of a part.
  fileprivate struct Key: Hashable {
    var part: Part
    var pitch: Pitch
  }

  let ticksPerFrame: Int
  private let ticksPerQuarter: Int
  private let firstFrame: Double
  private var tracks = [[TimedEvent]](repeating: [], count: Part.allCases.count)
  /// For each note the first tick where it may begin or end next.
  private var nextTick: [Key: Int] = [:]
  private var sounding: [Key: Note] = [:]
  private var lastTick = 0

  init(start: PlaybackStart = PlaybackStart(frame: Frame(0), time: .zero, framesPerBeat: 4)) {
    // The usual resolution, 480 ticks, or the next finer one with whole ticks a frame.
    ticksPerFrame = (480 + start.framesPerBeat - 1) / start.framesPerBeat
    ticksPerQuarter = ticksPerFrame * start.framesPerBeat
    firstFrame = Double(start.frame.rawValue)
  }

  mutating func add(_ cue: Cue) {
    let exact = (cue.position - firstFrame) * Double(ticksPerFrame)
    let tick = ordered(max(0, Int(exact.rounded())), cue)
    tracks[cue.part.rawValue].append(TimedEvent(tick: tick, event: cue.event))
    lastTick = max(lastTick, tick)
  }

  /// The file so far. Notes that still sound end where it ends.
  var midiFile: MidiFile {
    var tracks = tracks
    for (key, note) in sounding.sorted(by: { $0.key.order < $1.key.order }) {
      let end = max(lastTick, nextTick[key] ?? 0)
      tracks[key.part.rawValue].append(TimedEvent(tick: end, event: .message(.noteOff(note))))
    }
    let named = Part.allCases.compactMap { part -> [TimedEvent]? in
      let track = tracks[part.rawValue]
      guard part == .conductor || !track.isEmpty else { return nil }
      return [TimedEvent(tick: 0, event: .trackName(part.name))] + track
    }
    return MidiFile(ticksPerQuarter: ticksPerQuarter, tracks: named)
  }

  /// The tick of a cue, moved so that each note lasts at least a tick. If a note ended on the tick
  /// where it begins, the order of a file would put the end first, and the note would never end.
  private mutating func ordered(_ tick: Int, _ cue: Cue) -> Int {
    switch cue.event {
    case .message(.noteOn(let note)):
      let key = Key(part: cue.part, pitch: note.pitch)
      let tick = max(tick, nextTick[key] ?? 0)
      nextTick[key] = tick + 1
      sounding[key] = note
      return tick
    case .message(.noteOff(let note)):
      let key = Key(part: cue.part, pitch: note.pitch)
      let tick = max(tick, nextTick[key] ?? 0)
      nextTick[key] = tick
      sounding[key] = nil
      return tick
    default:
      return tick
    }
  }
}

extension Score.Key {
  fileprivate var order: Int { part.rawValue << 8 | Int(pitch.rawValue) }
}
