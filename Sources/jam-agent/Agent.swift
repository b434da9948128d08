import AgentSettings
import Chords
import Keys
import Music
import Records
import Timeline
import Transformer

/// The accompanist: records in, plans out. It has no clock, so the same stream, seed and model give
/// the same plans at any speed.
struct Agent: ~Copyable {
  /// What the agent answers to a record.
  struct Answer {
    /// The plan for a tick; nil before the music begins.
    var plan: Record?
    /// What a person should be told.
    var advice: String?
  }

  private(set) var settings: Settings
  private let findModel: (String) throws -> Model
  private var model: Model
  private var timeline: Timeline?
  private var quantiser = MelodyQuantiser()
  private var tracker: HarmonyTracker?
  private var committed: CommittedPlan?
  /// Finds the key of the melody and of the chords that were played, in which chords are written.
  private var keyFinder = KeyFinder(framesPerBeat: framesPerBeat)
  /// The frame of the first note, from which the listening period counts, and the length in frames
  /// of the beats by which it counts.
  private var firstOnset: (frame: Frame, beatLength: Int)?
  private var tick: (frame: Frame, time: Microseconds)?
  private var planRecord = PlanRecord()

  private static let framesPerBeat = 4
  /// After a longer gap between ticks, in frames, the music starts again.
  private static let longestGap = NetworkContexts.window
  /// The first and the last frame that a stream can number.
  private static let firstFrame = Frame(Limits.frame.lowerBound)
  private static let lastFrame = Frame(Limits.frame.upperBound)

  /// - Parameter findModel: loads the model of a name or path.
  init(_ settings: Settings, findModel: @escaping (String) throws -> Model) throws {
    self.settings = settings
    self.findModel = findModel
    model = try findModel(settings.model)
  }

  /// Handles a record. Throws if the stream makes no sense.
  ///
  /// Real-time: after some plans a tick allocates nothing, if the plan before has been released.
  ///
  /// - Parameter isPlanWanted: whether a tick is answered by a plan; false where a newer tick
  ///   waits.
  mutating func receive(
    _ record: Record, isPlanWanted: Bool = true
  ) throws(AgentError) -> Answer {
    timeline?.receive(record)
    switch record.event {
    case .header(let header):
      guard header.framesPerBeat == Self.framesPerBeat else {
        throw .unsupportedFrames(header.framesPerBeat)
      }
      timeline = Timeline(header: header)
    case .message(.noteOn(let note)):
      quantiser.receive(note, isOnset: true, at: record.time)
    case .message(.noteOff(let note)):
      quantiser.receive(note, isOnset: false, at: record.time)
    case .tick(let frame):
      if let tick, frame <= tick.frame { throw .tickGoesBack(frame, after: tick.frame) }
      begin(frame, at: record.time)
      return Answer(plan: isPlanWanted ? plan() : nil)
    case .set(let name, let value): return Answer(advice: change(name, value))
    default: break
    }
    return Answer()
  }

  // MARK: Listening

  /// Frame `frame` begins: the tracker handles the frames before it.
  private mutating func begin(_ frame: Frame, at time: Microseconds) {
    let last = tick?.frame
    tick = (frame, time)
    var events: [MelodyEvent] = []
    if let last, last.distance(to: frame) > Self.longestGap {
      quantiser = MelodyQuantiser()
      keyFinder = KeyFinder(framesPerBeat: Self.framesPerBeat)
      tracker = nil
      _ = quantiser.tick(frame, at: time)
    } else {
      events = quantiser.tick(frame, at: time)
    }
    let onset = onset(in: events, before: frame)
    if firstOnset == nil, let onset { firstOnset = (onset, beatLength(at: onset)) }
    guard tracker == nil else {
      for melody in events { update(melody) }
      return
    }
    // The music begins after the count-in, or with a pickup that is played in it.
    guard frame >= Frame(0) || onset != nil else { return }
    startTracker(at: min(frame, onset ?? frame))
    catchUp(to: frame, events)
  }

  /// The frame of the first onset among the events of the frames before `frame`, or of a note that
  /// was begun early.
  private func onset(in events: [MelodyEvent], before frame: Frame) -> Frame? {
    let first = events.firstIndex { if case .onset = $0 { true } else { false } }
    if let first { return frame - events.count + first }
    return quantiser.early == nil ? nil : frame
  }

  /// The piece begins at the bar line before `frame`.
  private mutating func startTracker(at frame: Frame) {
    let origin = frame - (timeline?.barPosition(of: frame).place ?? 0)
    if committed == nil { committed = CommittedPlan(from: max(origin, Self.firstFrame)) }
    tracker = HarmonyTracker(
      model, hypotheses: settings.hypotheses, melodyOnlyShare: settings.melodyOnly,
      origin: origin, random: CounterRNG(seed: UInt64(settings.seed)), sampling: sampling,
      places: { place($0) })
  }

  /// Handles the frames from the bar line to `frame`, with rests where nothing is known.
  private mutating func catchUp(to frame: Frame, _ events: [MelodyEvent]) {
    let first = frame - events.count
    while let tracker, tracker.frame < frame {
      let index = first.distance(to: tracker.frame)
      update(events.indices.contains(index) ? events[index] : .rest)
    }
  }

  private mutating func update(_ melody: MelodyEvent) {
    guard let tracker else { return }
    hear(melody, tracker)
    tracker.update(melody, places: { place($0) })
  }

  /// The key finder hears the tracker's current frame, which is over.
  private mutating func hear(_ melody: MelodyEvent, _ tracker: HarmonyTracker) {
    let place = place(tracker.frame)
    let chord = committed?.chord(at: tracker.frame) ?? .noChord
    let isOnset = if case .onset = melody { true } else { false }
    keyFinder.hear(
      KeyFinder.Moment(
        place: place.place, beatLength: place.beatLength,
        note: tracker.state.after(melody).pitchClass, isOnset: isOnset,
        chord: model.vocabulary.rootAndKind(of: chord)))
  }

  private func place(_ frame: Frame) -> MetricalPlace {
    timeline.map { MetricalPlace(timeline: $0, frame: frame) }
      ?? MetricalPlace(place: 0, length: 16, bar: 0, meter: .fourFour)
  }

  /// Whether the agent only listens in a frame: until the first note there is nothing to accompany,
  /// and after a listening period it enters on a bar line.
  private func onlyListens(_ frame: Frame) -> Bool {
    guard let firstOnset else { return true }
    let silence = Settings.frames(settings.silence, beatLength: firstOnset.beatLength)
    return (silence > 0 ? frame - place(frame).place : frame) < firstOnset.frame + silence
  }

  /// The frames of a beat of the settings: a quarter note, or in a compound bar a dotted one.
  private func beatLength(at frame: Frame) -> Int {
    place(frame).isCompound ? 3 * Self.framesPerBeat / 2 : Self.framesPerBeat
  }

  // MARK: Planning

  /// The plan at the latest tick; nil before the music begins.
  private mutating func plan() -> Record? {
    guard let tick, tick.frame < Self.lastFrame, let tracker, committed != nil else { return nil }
    committed!.advance(to: tick.frame)
    // Before the first note nothing is committed but the current frame.
    let beatLength = beatLength(at: tick.frame)
    func after(_ beats: Double) -> Frame {
      tick.frame + Settings.frames(beats, beatLength: beatLength)
    }
    let least = firstOnset == nil ? tick.frame + 1 : max(tick.frame + 1, after(settings.commit))
    let commit = min(max(committed!.commit, least), Self.lastFrame)
    let until = min(max(commit, after(settings.lookahead)), Self.lastFrame)
    choose(until: until, tracker)
    committed!.commit(upTo: commit)
    committed!.commit(
      upTo: min(after(settings.maxCommit), until), ifConfidence: settings.minConfidence)
    let plan = planRecord.write(
      committed!, at: tick.frame, until: until, melody: tracker.rollouts.melody, model.vocabulary)
    return Record(time: tick.time, event: .plan(plan))
  }

  /// Rolls out the tracker's hypotheses, and plans the chords that are not committed.
  private mutating func choose(until: Frame, _ tracker: HarmonyTracker) {
    var committed = self.committed!
    // There must be one owner of its buffer, or changing it would copy the buffer.
    self.committed = nil
    let consensus = Consensus(model.vocabulary, entersOnBarLines: settings.silence > 0)
    let (first, isSilent) = (committed.commit, committed.sounding.chord == .noChord)
    tracker.rollOut(
      until: until, early: quantiser.early, places: { place($0) },
      needsVotes: { $0 >= first && consensus.needsVotes(at: place($0), isSilent: isSilent) })
    let beatLength = place(tracker.frame).beatLength
    let recent = tracker.recentMelody(beatLength: beatLength)
    committed.plan(until: until) { frame, sounding in
      guard !onlyListens(frame) else { return ChordChoice() }
      let (offset, place) = (tracker.frame.distance(to: frame), place(frame))
      var choice = consensus.choice(
        tracker.rollouts.votes(at: offset), over: sounding, at: place,
        recent: offset < beatLength ? recent : RecentMelody(),
        predicted: tracker.rollouts.notes(from: offset, frames: place.beatLength),
        isRolledOut: offset > 0, hasOneVoter: tracker.isSingle)
      // A chord that goes on is written as it was.
      choice.key = choice.chord == sounding.chord ? sounding.key : keyFinder.key ?? .cMajor
      return choice
    }
    self.committed = committed
  }

  // MARK: Settings

  private var sampling: Sampling {
    Sampling(temperature: settings.temperature, topP: settings.topP)
  }

  /// Changes a setting. The music goes on in any case: returns what a person should be told if the
  /// setting cannot be changed.
  private mutating func change(_ name: String, _ value: SettingValue) -> String? {
    var changed = settings
    do {
      guard try changed.apply(name, value) else { return nil }
      if changed.model != settings.model {
        let found = try findModel(changed.model)
        // The past and the committed chords are kept as tokens of one vocabulary.
        guard found.vocabulary == model.vocabulary else {
          return "cannot set model: \(changed.model) knows other chords than \(settings.model)"
        }
        model = found
      }
    } catch {
      return "\(error)"
    }
    settings = changed
    tracker?.sampling = sampling
    tracker?.random = CounterRNG(seed: UInt64(settings.seed))
    tracker?.configure(
      model, hypotheses: settings.hypotheses, melodyOnlyShare: settings.melodyOnly)
    return nil
  }
}

/// A stream that the agent cannot follow.
enum AgentError: Error, CustomStringConvertible {
  case unsupportedFrames(Int)
  case tickGoesBack(Frame, after: Frame)

  var description: String {
    switch self {
    case .unsupportedFrames(let found): "expected 4 frames a beat, found \(found)"
    case .tickGoesBack(let frame, let last):
      "expected a tick after frame \(last.rawValue), found \(frame.rawValue)"
    }
  }
}

extension MetricalPlace {
  /// Where a frame stands by a stream's meters.
  init(timeline: Timeline, frame: Frame) {
    let position = timeline.barPosition(of: frame)
    self.init(
      place: position.place, length: position.length, bar: position.number,
      meter: timeline.meter(at: frame))
  }
}
