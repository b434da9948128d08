import AgentSettings
import Chords
import Music
import Records
import Timeline
import Transformer

/// The accompanist: records in, plans out. It has no clock; a stream, a seed and a model make the
/// same plans whenever and however fast they are made.
struct Agent {
  private(set) var settings: Settings
  private let findModel: (String) throws -> Model
  private var model: Model
  private var timeline: Timeline?
  private var listener = Listener()
  private var ensemble: Ensemble?
  private var promises: Promises?
  /// The frame of the first note, from which the silence is counted.
  private var firstOnset: Frame?
  private var tick: (frame: Frame, time: Microseconds)?
  private var revision = 0
  /// The latest plan, in whose room the next one is made.
  private var published = Plan(
    frame: Frame(0), revision: 0, commit: Frame(0), until: Frame(0), chords: [], melody: [])

  /// After a gap longer than this the agent begins anew instead of thinking through it.
  private static let longestGap = Ensemble.window
  /// Where the frames that a stream can number end.
  private static let lastFrame = Frame(Limits.frame.upperBound)

  /// - Parameter findModel: gives the model of a name or path.
  init(_ settings: Settings, findModel: @escaping (String) throws -> Model) throws {
    self.settings = settings
    self.findModel = findModel
    model = try findModel(settings.model)
    published.chords.reserveCapacity(Ensemble.mostImagined)
    published.melody.reserveCapacity(Ensemble.mostImagined)
  }

  /// Takes up a record. Plans are not for it to hear: they are its own of another time.
  ///
  /// Returns what a person should be told, if anything; throws if the stream makes no sense.
  mutating func receive(_ record: Record) throws(AgentError) -> String? {
    timeline?.receive(record)
    switch record.event {
    case .header(let header):
      guard header.framesPerBeat == framesPerBeat else {
        throw .unsupportedFrames(header.framesPerBeat)
      }
      timeline = Timeline(header: header)
    case .message(.noteOn(let note)): listener.receive(note, isOnset: true, at: record.time)
    case .message(.noteOff(let note)): listener.receive(note, isOnset: false, at: record.time)
    case .tick(let frame):
      if let tick, frame <= tick.frame { throw .tickGoesBack(frame, after: tick.frame) }
      hear(frame, at: record.time)
    case .set(let name, let value): return change(name, value)
    default: break
    }
    return nil
  }

  /// The plan at the latest tick; nil before the music begins.
  ///
  /// Real-time: after some plans it allocates nothing, as long as nobody holds on to the plan before.
  mutating func plan() -> Record? {
    guard let tick, tick.frame < Self.lastFrame, let ensemble, var promises else { return nil }
    // Else there would be two of them, and the one that is changed a copy.
    self.promises = nil
    // As long as nothing was played there is nothing to promise but the silence at hand.
    let commitFrames =
      firstOnset == nil
      ? 1 : Settings.frames(settings.commit, framesPerBeat: framesPerBeat, least: 1)
    let lookahead = Settings.frames(settings.lookahead, framesPerBeat: framesPerBeat, least: 1)
    promises.advance(to: tick.frame)
    let promised = promises.commit
    let commit = min(max(promised, tick.frame + commitFrames), Self.lastFrame)
    let until = min(max(commit, tick.frame + lookahead), Self.lastFrame)
    // Who has listened has time to wait for a beat.
    let consensus = Consensus(model.vocabulary, comesInOnBeats: settings.silence > 0)
    let isSilent = promises.sounding.chord == .noChord
    ensemble.imagine(
      until: until, early: listener.early, places: { place($0) },
      isAsked: { $0 >= promised && consensus.mayChange(at: place($0), isSilent: isSilent) })
    let beatLength = place(tick.frame).beatLength
    let heard = Heard(
      inBeat: ensemble.past.heard(frames: beatLength),
      inTwoBeats: ensemble.past.heard(frames: 2 * beatLength),
      novelty: ensemble.ears?.novelty ?? 0)
    promises.plan(until: until) { frame, sounding in
      guard !onlyListens(frame) else { return Choice() }
      let (offset, place) = (tick.frame.distance(to: frame), place(frame))
      return consensus.choice(
        ensemble.dream.votes(in: offset), over: sounding, at: place,
        heard: offset < beatLength ? heard : Heard(),
        coming: ensemble.dream.notes(from: offset, frames: place.beatLength),
        isImagined: offset > 0, isUnanimous: ensemble.isSingle)
    }
    promises.promise(upTo: commit)
    let most = Settings.frames(settings.commitUpTo, framesPerBeat: framesPerBeat)
    promises.promise(upTo: min(tick.frame + most, until), ifSure: settings.sure)
    revision += 1
    published.frame = tick.frame
    (published.revision, published.commit, published.until) = (revision, promises.commit, until)
    publish(promises, ensemble.dream.melody)
    self.promises = promises
    return Record(time: tick.time, event: .plan(published))
  }

  // MARK: Listening

  private var framesPerBeat: Int { 4 }

  /// Frame `frame` begins: what came before it is known.
  private mutating func hear(_ frame: Frame, at time: Microseconds) {
    let last = tick?.frame
    tick = (frame, time)
    var events: [MelodyEvent] = []
    if let last, last.distance(to: frame) > Self.longestGap {
      listener = Listener()
      ensemble = nil
      _ = listener.tick(frame, at: time)
    } else {
      events = listener.tick(frame, at: time)
    }
    let heardFrom = frame - events.count
    let onset = firstOnset(of: events, from: heardFrom)
    firstOnset = firstOnset ?? onset
    guard ensemble == nil else {
      for melody in events { finish(melody) }
      return
    }
    // A count-in is no music, but a pickup played in it is.
    guard frame >= Frame(0) || onset != nil else { return }
    begin(at: min(frame, onset ?? frame))
    finishUpTo(frame, events, from: heardFrom)
  }

  /// The frame of the first note among what was just heard.
  private func firstOnset(of events: [MelodyEvent], from frame: Frame) -> Frame? {
    if let heard = events.firstIndex(where: { if case .onset = $0 { true } else { false } }) {
      return frame + heard
    }
    return listener.early == nil ? nil : tick?.frame
  }

  /// The piece begins at the bar line before `frame`.
  private mutating func begin(at frame: Frame) {
    let origin = frame - (timeline?.barPosition(of: frame).place ?? 0)
    if promises == nil { promises = Promises(from: origin) }
    ensemble = Ensemble(
      model, count: settings.hypotheses, earShare: settings.ear, origin: origin,
      chance: Chance(seed: settings.seed), sampling: sampling, places: { place($0) })
  }

  /// From the bar line on, what was heard, and rests where nothing was.
  private func finishUpTo(_ frame: Frame, _ events: [MelodyEvent], from first: Frame) {
    guard let ensemble else { return }
    while ensemble.frame < frame {
      let index = first.distance(to: ensemble.frame)
      finish(events.indices.contains(index) ? events[index] : .rest)
    }
  }

  private func finish(_ melody: MelodyEvent) {
    ensemble?.finish(melody, places: { place($0) })
  }

  private func place(_ frame: Frame) -> MetricalPlace {
    timeline.map { MetricalPlace(timeline: $0, frame: frame) }
      ?? MetricalPlace(place: 0, length: 16, bar: 0, meter: .fourFour)
  }

  // MARK: Promising

  /// Whether the agent only listens in a frame: as long as nothing was played there is nothing that
  /// a chord could go with.
  private func onlyListens(_ frame: Frame) -> Bool {
    guard let firstOnset else { return true }
    return frame < firstOnset + Settings.frames(settings.silence, framesPerBeat: framesPerBeat)
  }

  // MARK: Settings

  private var sampling: Sampling {
    Sampling(temperature: settings.temperature, topP: settings.topP)
  }

  /// The music goes on whatever is asked for: what cannot be had is told, and left.
  private mutating func change(_ name: String, _ value: SettingValue) -> String? {
    var changed = settings
    do {
      guard try changed.apply(name, value) else { return nil }
      if changed.model != settings.model {
        let found = try findModel(changed.model)
        // What was played and promised is kept in the terms of one vocabulary.
        guard found.vocabulary == model.vocabulary else {
          return "cannot set model: \(changed.model) knows other chords than \(settings.model)"
        }
        model = found
      }
    } catch {
      return "\(error)"
    }
    let isOther =
      changed.model != settings.model || changed.hypotheses != settings.hypotheses
      || model.hearsUntold && (changed.ear > 0) != (settings.ear > 0)
    if isOther {
      ensemble = ensemble.map {
        Ensemble(model, count: changed.hypotheses, earShare: changed.ear, goingOnFrom: $0)
      }
    }
    settings = changed
    ensemble?.sampling = sampling
    ensemble?.earShare = settings.ear
    ensemble?.chance = Chance(seed: settings.seed)
    return nil
  }

  // MARK: Telling

  /// Writes down the chords and the melody of the plan: what is promised and planned, and what is
  /// expected from the tick's frame on.
  private mutating func publish(
    _ promises: Promises, _ melody: [(event: MelodyEvent, state: MelodyState)]
  ) {
    published.chords.removeAll(keepingCapacity: true)
    promises.forEachChord { from, to, choice in
      let isChord = choice.chord != .noChord
      published.chords.append(
        PlannedChord(
          from: from, to: to, symbol: model.vocabulary.text(for: choice.chord),
          bass: isChord ? UInt8((choice.chord.root + choice.chord.bass) % 12) : nil,
          confidence: choice.confidence.map { ($0 * 100).rounded() / 100 }))
    }
    published.melody.removeAll(keepingCapacity: true)
    for (offset, imagined) in melody.enumerated() {
      guard case .sounding(let pitch) = imagined.state else { continue }
      let frame = published.frame + offset
      if imagined.event == .hold, published.melody.last?.to == frame {
        published.melody[published.melody.count - 1].to = frame + 1
      } else {
        published.melody.append(PlannedNote(from: frame, to: frame + 1, pitch: pitch))
      }
    }
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
  /// Where a frame stands by the stream's meters.
  init(timeline: Timeline, frame: Frame) {
    let position = timeline.barPosition(of: frame)
    self.init(
      place: position.place, length: position.length, bar: position.number,
      meter: timeline.meter(at: frame))
  }
}
