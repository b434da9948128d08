import MidiFile
import Records
import Timeline

/// Decides what is played when, from the records of a stream. It has no clock: frames begin when
/// their ticks come, and how late a record is it is told.
struct Player: Sendable {
  /// What was not played as it came.
  struct Counts: Hashable, Sendable {
    /// Notes that began too late.
    var lateNotes = 0
    /// Plans that broke a promise.
    var contradictions = 0
    /// Chords that nobody can read.
    var unreadableChords = 0
  }

  /// Ticks that skip more frames than this are followed without the frames between them.
  private static let longestGap = 4096

  let settings: PlayerSettings
  private(set) var timeline: Timeline
  private(set) var counts = Counts()
  /// The first tick; nil before it.
  private(set) var start: (frame: Frame, time: Microseconds)?
  private var frame = Frame(0)
  /// Of the latest record.
  private var time = Microseconds.zero
  private var promises = Promises()
  private var conductor = Conductor()
  private var band: Band
  private var melody = MelodyPart()
  private var metronome = Metronome()

  init(header: Header, settings: PlayerSettings) {
    self.settings = settings
    timeline = Timeline(header: header)
    band = Band(settings: settings)
  }

  /// What a record brings about. `now` is the stream's time where time is real, else nil.
  mutating func receive(_ record: Record, at now: Microseconds? = nil) -> [Cue] {
    var cues = Cues(now: now, lateLimit: settings.lateLimit)
    time = max(time, record.time)
    switch record.event {
    case .tick(let frame): tick(frame, record, &cues)
    case .tempo, .meter: timeline.receive(record)
    case .plan(let plan): take(plan, &cues)
    default: play(record, &cues)
    }
    counts.lateNotes += cues.lateNotes
    return cues.all
  }

  /// Ends everything that sounds: at the end of the frame that has begun, or with the last record
  /// if that came later.
  mutating func finish() -> [Cue] {
    guard start != nil else { return [] }
    let endOfFrame = Moment(frame + 1, timeline)
    let last = Moment(at: time, timeline)
    var cues = Cues(now: nil, lateLimit: settings.lateLimit)
    cues.moment = last.position > endOfFrame.position ? last : endOfFrame
    band.release(&cues)
    melody.release(&cues)
    metronome.release(&cues)
    return cues.all
  }

  private mutating func tick(_ next: Frame, _ record: Record, _ cues: inout Cues) {
    if start == nil {
      timeline.receive(record)
      begin(at: next, record.time, &cues)
    } else if next > frame {
      let gap = next.rawValue - frame.rawValue
      let first = gap > Self.longestGap ? next : frame + 1
      for skipped in first..<next { enter(skipped, &cues) }
      timeline.receive(record)
      enter(next, &cues)
    }
  }

  private mutating func begin(at first: Frame, _ time: Microseconds, _ cues: inout Cues) {
    start = (first, time)
    cues.moment = Moment(first, timeline)
    for part in Part.allCases {
      guard let instrument = settings.instrument(of: part) else { continue }
      cues.add(part, .program(channel: part.channel, program: instrument.program))
      cues.add(part, .control(channel: part.channel, controller: 7, value: instrument.volume))
    }
    enter(first, &cues)
    if settings.melody != nil { melody.begin(&cues) }
  }

  /// A frame begins.
  private mutating func enter(_ next: Frame, _ cues: inout Cues) {
    frame = next
    promises.forget(before: frame)
    cues.moment = Moment(frame, timeline)
    conductor.enter(frame, timeline, &cues)
    let pulse = Pulse(frame, timeline)
    if settings.hasMetronome { metronome.enter(pulse, &cues) }
    band.enter(pulse, promises.promise(for: frame), &cues)
    counts.unreadableChords = band.unreadableChords
  }

  private mutating func take(_ plan: Plan, _ cues: inout Cues) {
    if !promises.take(plan) { counts.contradictions += 1 }
    // The plan that answers a tick comes after it: it is the frame's, which has begun.
    guard start != nil else { return }
    cues.moment = Moment(frame, timeline)
    band.follow(promises.promise(for: frame), &cues)
    counts.unreadableChords = band.unreadableChords
  }

  private mutating func play(_ record: Record, _ cues: inout Cues) {
    guard settings.melody != nil else { return }
    if let start {
      let moment = Moment(at: record.time, timeline)
      cues.moment =
        moment.position < Double(start.frame.rawValue)
        ? Moment(start.frame, timeline) : moment
    }
    melody.receive(record.event, isPlaying: start != nil, &cues)
  }
}
