import Chords
import MidiFile
import Music
import Records
import Timeline

/// Decides from the records of a stream what is played when. It has no clock: a frame begins when
/// its tick comes, and the caller says what time it is.
struct StreamPlayer: Sendable {
  /// What could not be played as the stream says.
  struct Counts: Hashable, Sendable {
    /// Notes that were dropped because they would have begun too late.
    var lateNotes = 0
    /// Plans that contradict committed chords.
    var contradictions = 0
  }

  /// After a tick that skips more frames than this, the frames between are not played.
  private static let longestGap = 4096
  /// Chords stay below the melody's lowest note of so many beats.
  private static let ceilingBeats = 4
  /// The most frames ahead that a preview reaches.
  private static let longestPreview = 256

  let settings: PlayerSettings
  private(set) var timeline: Timeline
  private(set) var counts = Counts()
  /// The first tick; nil before it.
  private(set) var start: (frame: Frame, time: Microseconds)?
  /// The frame that began last.
  private(set) var frame = Frame(0)
  /// The time of the latest record.
  private var time = Microseconds.zero
  private var committed = CommittedChords()
  private var conductor = Conductor()
  private var chords: ChordPart
  /// Why the last chord that can't be read can't.
  var unreadableChord: ChordSymbolError? { chords.unreadable }
  private var melody = MelodyPart()
  private var topLine = TopLine()
  private var metronome: Metronome
  /// The frames that were previewed in time: nothing in them counts as late.
  private var previewed = Frame(0)..<Frame(0)
  /// False while the MIDI clock that the stream follows stands still.
  private(set) var isPlaying = true

  init(header: Header, settings: PlayerSettings) {
    self.settings = settings
    timeline = Timeline(header: header)
    chords = ChordPart(settings: settings)
    metronome = Metronome(channel: settings.metronomeChannel)
  }

  /// Returns what is to be played after a record.
  /// - Parameter now: the stream's time; nil at a pace other than real time.
  mutating func receive(_ record: Record, at now: Microseconds? = nil) -> [Cue] {
    var cues = Cues(now: now, lateLimit: settings.lateLimit)
    time = max(time, record.time)
    switch record.event {
    case .tick(let frame): begin(frame, record, &cues)
    case .tempo, .meter: timeline.receive(record)
    case .plan(let plan): add(plan, &cues)
    case .set("playing", .flag(let isPlaying)): setPlaying(isPlaying, &cues)
    case .message(let message): play(message, at: record.time, &cues)
    default: break
    }
    counts.lateNotes += cues.lateNotes
    return cues.all
  }

  /// Returns what will be played after the current frame, as far as it is committed, if no other
  /// record comes. The caller must send all of it ahead: none of these notes counts as late
  /// afterwards.
  mutating func previewCommitted(at now: Microseconds) -> [Cue] {
    guard start != nil, isPlaying else { return [] }
    let beat = frame + 1 + timeline.framesPerBeat
    let end = min(max(committed.commit ?? beat, beat), frame + Self.longestPreview)
    var future = self
    var all: [Cue] = []
    var firstInTime = end
    for next in (frame + 1)..<end {
      var cues = Cues(now: now, lateLimit: settings.lateLimit)
      cues.mayBeLate = !previewed.contains(next)
      future.enter(next, &cues)
      all += cues.all
      let isInTime = !cues.mayBeLate || timeline.time(of: next) + settings.lateLimit >= now
      if isInTime { firstInTime = min(firstInTime, next) }
    }
    previewed = firstInTime..<end
    return all
  }

  /// Ends all notes at a time of the stream. The chord in force begins again with the next beat.
  mutating func release(at now: Microseconds) -> [Cue] {
    var cues = Cues(now: nil, lateLimit: settings.lateLimit)
    cues.moment = Moment(at: max(now, time), timeline)
    release(&cues)
    return cues.all
  }

  /// Ends all notes, at the end of the current frame or with the last record, whichever is later.
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
    chords.release(&cues)
    melody.release(&cues)
    metronome.release(&cues)
  }

  private mutating func setPlaying(_ isPlaying: Bool, _ cues: inout Cues) {
    self.isPlaying = isPlaying
    guard !isPlaying, start != nil else { return }
    cues.moment = Moment(at: time, timeline)
    release(&cues)
  }
}

// MARK: Frames

extension StreamPlayer {
  /// A tick begins a frame, and those that it skips.
  private mutating func begin(_ next: Frame, _ tick: Record, _ cues: inout Cues) {
    if start == nil {
      timeline.receive(tick)
      beginMusic(at: next, tick.time, &cues)
    } else if next > frame {
      let gap = next.rawValue - frame.rawValue
      let first = gap > Self.longestGap ? next : frame + 1
      for skipped in first..<next { enterUnlessLate(skipped, &cues) }
      timeline.receive(tick)
      enterUnlessLate(next, &cues)
    }
  }

  private mutating func beginMusic(at first: Frame, _ time: Microseconds, _ cues: inout Cues) {
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

  private mutating func enterUnlessLate(_ next: Frame, _ cues: inout Cues) {
    cues.mayBeLate = !previewed.contains(next)
    enter(next, &cues)
    cues.mayBeLate = true
  }

  private mutating func enter(_ next: Frame, _ cues: inout Cues) {
    frame = next
    committed.forget(before: frame)
    cues.moment = Moment(frame, timeline)
    conductor.enter(frame, timeline, &cues)
    let pulse = Pulse(frame, timeline)
    guard isPlaying else { return }
    if settings.clicks(in: frame) {
      metronome.enter(pulse, &cues)
    } else {
      metronome.release(&cues)
    }
    chords.enter(pulse, committed.content(of: frame), &cues)
  }

  private mutating func add(_ plan: Plan, _ cues: inout Cues) {
    let ceiling = topLine.lowest(since: plan.frame - Self.ceilingBeats * timeline.framesPerBeat)
    if !committed.add(plan, ceiling: ceiling) { counts.contradictions += 1 }
    // A plan comes after the tick that it answers, so it may say what the current frame plays.
    guard start != nil, isPlaying else { return }
    cues.moment = Moment(frame, timeline)
    chords.play(committed.content(of: frame), &cues)
  }

  private mutating func play(
    _ message: ChannelMessage, at time: Microseconds, _ cues: inout Cues
  ) {
    topLine.receive(message, at: Frame(Int(timeline.position(at: time).rounded(.down))))
    guard settings.melody != nil else { return }
    if let start {
      let moment = Moment(at: time, timeline)
      cues.moment =
        moment.position < Double(start.frame.rawValue)
        ? Moment(start.frame, timeline) : moment
    }
    melody.receive(message, isPlaying: start != nil, &cues)
  }
}
