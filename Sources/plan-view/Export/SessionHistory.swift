import Music
import Records
import Timeline

/// What is kept of a session for its picture, as far as the picture goes: the melody, and what was
/// planned and promised for each frame. A pure function of the records so far.
struct SessionHistory {
  struct Bar: Hashable {
    /// Counted from 1 at frame 0.
    var number: Int
    var meter: Meter
    var frames: Range<Frame>
  }

  struct PlayedNote: Hashable {
    var pitch: Pitch
    /// In frames, between them too.
    var from: Double
    /// Nil while it sounds.
    var to: Double?
  }

  struct Revision: Hashable {
    /// Of its plan.
    var tick: Frame
    /// The frames for which it planned another chord than the plan before.
    var frames: Int
  }

  /// What a picture holds at most. A session of hours must not take up all memory, and no picture of
  /// it could be looked at.
  struct Limits {
    var bars = 256
    var frames = 1 << 16
    var opinions = 1 << 18
    var notes = 1 << 16
    /// How far ahead plans are looked at.
    var beatsAhead = 16
  }

  /// The first and the last bar wanted; nil for that of the first note or chord, and for the last.
  let from: Int?
  let to: Int?
  let limits: Limits

  private(set) var header: Header?
  private(set) var bars: [Bar] = []
  private(set) var notes: [PlayedNote] = []
  private(set) var histories: [Frame: FrameHistory] = [:]
  /// A tick each.
  private(set) var revisions: [Revision] = []
  /// The frame that began last, within the bars.
  private(set) var lastFrame: Frame?
  /// The number of the session's last bar, also where the picture has ended before.
  private(set) var lastBar: Int?
  /// Whether bars that were wanted are left out.
  private(set) var isCutShort = false

  private var timeline: Timeline?
  /// Nothing of what follows is in the picture.
  private var isOver = false
  /// Where no note and no chord was yet, bars are passed over.
  private var isSilent = true
  private var opinionCount = 0
  private var lastTick: Frame?
  private var lastPlan: (tick: Frame, until: Frame)?
  private var sounding: [Key: Int] = [:]

  private struct Key: Hashable {
    var channel: Channel
    var pitch: Pitch
  }

  init(from: Int? = nil, to: Int? = nil, limits: Limits = Limits()) {
    self.from = from
    self.to = to
    self.limits = limits
  }

  mutating func receive(_ record: Record) {
    timeline?.receive(record)
    switch record.event {
    case .header(let header):
      self.header = header
      timeline = Timeline(header: header)
    case .tick(let frame): begin(frame)
    case .plan(let plan): take(plan)
    case .message(.noteOn(let note)): strike(note, at: record.time)
    case .message(.noteOff(let note)): release(note, at: record.time)
    default: break
    }
  }

  /// The frames that began, of all bars.
  var frames: [Frame] {
    guard let lastFrame else { return [] }
    return bars.flatMap { bar in bar.frames.prefix { $0 <= lastFrame } }
  }

  /// Whether no bar was there that is wanted.
  var isEmpty: Bool { bars.last.map { last in from.map { last.number < $0 } ?? isSilent } ?? true }

  /// Where a note ends that still sounds.
  var end: Double { lastFrame.map { Double($0.rawValue) + 1 } ?? 0 }
}

// MARK: Bars

extension SessionHistory {
  private mutating func begin(_ frame: Frame) {
    guard let timeline, lastTick.map({ frame > $0 }) ?? true else { return }
    lastTick = frame
    let place = timeline.barPosition(of: frame)
    let start = frame - place.place
    lastBar = place.number + 1
    if bars.last?.frames.lowerBound != start {
      begin(
        Bar(
          number: place.number + 1, meter: timeline.meter(at: frame),
          frames: start..<start + place.length))
    }
    // Ticks may be missing, as where an agent could not keep up.
    lastFrame = isOver ? bars.last.map { $0.frames.upperBound - 1 } : frame
  }

  private mutating func begin(_ bar: Bar) {
    // A change of meter cuts a bar short, or, where it comes late, does away with some.
    while let last = bars.last, last.frames.lowerBound >= bar.frames.lowerBound {
      bars.removeLast()
    }
    if let last = bars.last, last.frames.upperBound > bar.frames.lowerBound {
      bars[bars.count - 1].frames = last.frames.lowerBound..<bar.frames.lowerBound
    }
    if let to, bar.number > to { isOver = true }
    guard !isOver else { return }
    if from.map({ bar.number <= $0 }) ?? isSilent { forget(before: bar.frames.lowerBound) }
    guard hasRoom(for: bar) else {
      (isOver, isCutShort) = (true, true)
      return
    }
    bars.append(bar)
  }

  private func hasRoom(for bar: Bar) -> Bool {
    let frameCount = bars.reduce(bar.frames.count) { $0 + $1.frames.count }
    return bars.isEmpty
      || bars.count < limits.bars && frameCount <= limits.frames
        && opinionCount < limits.opinions && notes.count < limits.notes
  }

  /// What a picture does not show of a beginning that is not wanted.
  private mutating func forget(before frame: Frame) {
    bars = []
    revisions = []
    histories = histories.filter { $0.key >= frame }
    opinionCount = histories.values.reduce(0) { $0 + $1.opinions.count }
    let kept = Set(sounding.values)
    let order = notes.indices.filter {
      kept.contains($0) || notes[$0].to ?? 0 > Double(frame.rawValue)
    }
    notes = order.map { notes[$0] }
    let places = Dictionary(uniqueKeysWithValues: zip(order, order.indices))
    sounding = sounding.compactMapValues { places[$0] }
  }
}

// MARK: Notes

extension SessionHistory {
  private mutating func strike(_ note: Note, at time: Microseconds) {
    release(note, at: time)
    guard let timeline, !isOver, notes.count < limits.notes, note.channel != .drums else { return }
    isSilent = false
    sounding[Key(channel: note.channel, pitch: note.pitch)] = notes.count
    notes.append(PlayedNote(pitch: note.pitch, from: timeline.position(at: time)))
  }

  private mutating func release(_ note: Note, at time: Microseconds) {
    let key = Key(channel: note.channel, pitch: note.pitch)
    guard let timeline, let index = sounding.removeValue(forKey: key) else { return }
    notes[index].to = timeline.position(at: time)
  }
}

// MARK: Plans

extension SessionHistory {
  private mutating func take(_ plan: Plan) {
    let last = isOver ? lastFrame : lastTick
    guard let header, let last, plan.frame <= last, lastPlan.map({ plan.frame >= $0.tick }) ?? true
    else { return }
    let horizon = plan.frame + limits.beatsAhead * header.framesPerBeat
    let until = min(plan.until, horizon)
    let frames = plan.frame..<max(until, lastPlan?.until ?? until, plan.frame)
    lastPlan = (plan.frame, until)
    var changed = 0
    var chords = plan.chords[...]
    for frame in frames where opinionCount < limits.opinions {
      chords = chords.drop { $0.to <= frame }
      let chord = chords.first.flatMap { $0.from <= frame && frame < until ? $0 : nil }
      if take(chord, for: frame, of: plan) { changed += 1 }
    }
    if revisions.last?.tick == plan.frame { revisions.removeLast() }
    revisions.append(Revision(tick: plan.frame, frames: changed))
  }

  /// True if the plan before said another chord.
  private mutating func take(_ chord: PlannedChord?, for frame: Frame, of plan: Plan) -> Bool {
    let symbol = chord.map { Self.kept($0.symbol) }
    let known = histories[frame]?.opinions.count
    guard symbol != nil || known != nil else { return false }
    let isChange = histories[frame, default: FrameHistory()].hear(symbol, at: plan.frame)
    opinionCount += histories[frame]!.opinions.count - (known ?? 0)
    if let chord, let symbol, frame < plan.commit {
      histories[frame]?.promise(chord, symbol: symbol, at: plan.frame)
      if symbol != "N" { isSilent = false }
    }
    return isChange
  }

  /// Symbols are no longer than this, but nobody checks.
  private static func kept(_ symbol: String) -> String {
    symbol.utf8.count <= 64 ? symbol : String(decoding: symbol.utf8.prefix(64), as: UTF8.self)
  }
}
