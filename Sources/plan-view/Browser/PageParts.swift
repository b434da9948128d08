import JSONText
import Keys
import Music
import Records

/// The frame at hand and its tempo, as the page needs them to move between ticks.
struct PageMoment: Hashable {
  /// The frame of the last tick; nil before the first tick.
  let frame: Frame?
  /// The tempo in that frame, in beats a minute as one taps the meter.
  let tempo: Double
  /// How long that frame lasts, in milliseconds.
  let frameLength: Double

  init(_ state: SessionState) {
    frame = state.frame
    let (now, timeline) = (state.frame ?? Frame(0), state.timeline)
    tempo = timeline?.beatsPerMinute(at: now) ?? 120
    let framesPerBeat = Double(timeline?.framesPerBeat ?? 4)
    frameLength = 60_000 / (timeline?.tempo(at: now) ?? 120) / framesPerBeat
  }

  var json: JSON {
    [
      "frame": frame.map { .integer($0.rawValue) } ?? .null,
      "tempo": .number((tempo * 10).rounded() / 10), "frameLength": .number(frameLength),
    ]
  }
}

/// The options of the view, and the key, which hold for all that the page shows.
struct PageLook: Hashable {
  let options: ViewOptions
  let key: MusicalKey?

  init(_ scene: Scene) {
    options = scene.options
    key = scene.key
  }

  var json: JSON {
    [
      "key": key.map { .text($0.transposed(by: options.transposition).name) } ?? .null,
      "next": .integer(options.next ?? 2), "transpose": .integer(options.transposition),
      "offset": .integer(options.offset),
    ]
  }
}

/// Whether the music goes on, and the counts of what has gone wrong.
struct PageStatus: Hashable {
  let isPlaying: Bool
  let hasEnded: Bool
  let health: SessionHealth

  init(_ state: SessionState) {
    isPlaying = state.settings.isPlaying
    hasEnded = state.hasEnded
    health = state.health
  }

  var json: JSON {
    [
      "playing": .flag(isPlaying), "ended": .flag(hasEnded),
      "latePlans": .integer(health.latePlans), "lateNotes": .integer(health.lateNotes),
      "missed": .integer(health.missed), "dropped": .integer(health.dropped),
      "lost": .integer(health.lost),
    ]
  }
}
