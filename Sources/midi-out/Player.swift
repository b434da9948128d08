import MidiFile
import Music
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
  /// More frames than this are not foreseen.
  private static let longestForesight = 256

  let settings: PlayerSettings
  private(set) var timeline: Timeline
  private(set) var counts = Counts()
  /// The first tick; nil before it.
  private(set) var start: (frame: Frame, time: Microseconds)?
  /// That has begun last.
  private(set) var frame = Frame(0)
  /// Of the latest record.
  private var time = Microseconds.zero
  private var promises = Promises()
  private var conductor = Conductor()
  private var band: Band
  private var melody = MelodyPart()
  private var metronome: Metronome
  /// Frames of which it was said in time what is played in them: nothing in them is late.
  private var foreseen = Frame(0)..<Frame(0)
  /// Whether the music goes on: a clock that it follows may stand still.
  private(set) var isPlaying = true

  init(header: Header, settings: PlayerSettings) {
    self.settings = settings
    timeline = Timeline(header: header)
    band = Band(settings: settings)
    metronome = Metronome(channel: settings.metronomeChannel)
  }

  /// What a record brings about. `now` is the stream's time where time is real, else nil.
  mutating func receive(_ record: Record, at now: Microseconds? = nil) -> [Cue] {
    var cues = Cues(now: now, lateLimit: settings.lateLimit)
    time = max(time, record.time)
    switch record.event {
    case .tick(let frame): tick(frame, record, &cues)
    case .tempo, .meter: timeline.receive(record)
    case .plan(let plan): take(plan, &cues)
    case .set("playing", .flag(let isPlaying)): play(isPlaying, &cues)
    default: play(record, &cues)
    }
    counts.lateNotes += cues.lateNotes
    return cues.all
  }

  /// What will be played after the frame that has begun, as far as it is promised, if nothing else comes.
  /// It is to be said of all of that in time: no note is too late later on.
  mutating func foresee(at now: Microseconds) -> [Cue] {
    guard start != nil, isPlaying else { return [] }
    let beat = frame + 1 + timeline.framesPerBeat
    let end = min(max(promises.commit ?? beat, beat), frame + Self.longestForesight)
    var future = self
    var all: [Cue] = []
    var firstInTime = end
    for next in (frame + 1)..<end {
      var cues = Cues(now: now, lateLimit: settings.lateLimit)
      cues.mayBeLate = !foreseen.contains(next)
      future.enter(next, &cues)
      all += cues.all
      let isInTime = !cues.mayBeLate || timeline.time(of: next) + settings.lateLimit >= now
      if isInTime { firstInTime = min(firstInTime, next) }
    }
    foreseen = firstInTime..<end
    return all
  }

  /// Ends what sounds at a time of the stream. What is promised comes in again with the next beat.
  mutating func release(at now: Microseconds) -> [Cue] {
    var cues = Cues(now: nil, lateLimit: settings.lateLimit)
    cues.moment = Moment(at: max(now, time), timeline)
    release(&cues)
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
    release(&cues)
    return cues.all
  }

  private mutating func release(_ cues: inout Cues) {
    band.release(&cues)
    melody.release(&cues)
    metronome.release(&cues)
  }

  private mutating func play(_ isPlaying: Bool, _ cues: inout Cues) {
    self.isPlaying = isPlaying
    guard !isPlaying, start != nil else { return }
    cues.moment = Moment(at: time, timeline)
    release(&cues)
  }

  private mutating func tick(_ next: Frame, _ record: Record, _ cues: inout Cues) {
    if start == nil {
      timeline.receive(record)
      begin(at: next, record.time, &cues)
    } else if next > frame {
      let gap = next.rawValue - frame.rawValue
      let first = gap > Self.longestGap ? next : frame + 1
      for skipped in first..<next { enterInTime(skipped, &cues) }
      timeline.receive(record)
      enterInTime(next, &cues)
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

  private mutating func enterInTime(_ next: Frame, _ cues: inout Cues) {
    cues.mayBeLate = !foreseen.contains(next)
    enter(next, &cues)
    cues.mayBeLate = true
  }

  /// A frame begins.
  private mutating func enter(_ next: Frame, _ cues: inout Cues) {
    frame = next
    promises.forget(before: frame)
    cues.moment = Moment(frame, timeline)
    conductor.enter(frame, timeline, &cues)
    let pulse = Pulse(frame, timeline)
    guard isPlaying else { return }
    if settings.clicks(in: frame) {
      metronome.enter(pulse, &cues)
    } else {
      metronome.release(&cues)
    }
    band.enter(pulse, promises.promise(for: frame), &cues)
    counts.unreadableChords = band.unreadableChords
  }

  private mutating func take(_ plan: Plan, _ cues: inout Cues) {
    if !promises.take(plan) { counts.contradictions += 1 }
    // The plan that answers a tick comes after it: it is the frame's, which has begun.
    guard start != nil, isPlaying else { return }
    cues.moment = Moment(frame, timeline)
    band.follow(promises.promise(for: frame), &cues)
    counts.unreadableChords = band.unreadableChords
  }

  private mutating func play(_ record: Record, _ cues: inout Cues) {
    guard settings.melody != nil, let message = record.event.message else { return }
    if let start {
      let moment = Moment(at: record.time, timeline)
      cues.moment =
        moment.position < Double(start.frame.rawValue)
        ? Moment(start.frame, timeline) : moment
    }
    melody.receive(message, isPlaying: start != nil, &cues)
  }
}
