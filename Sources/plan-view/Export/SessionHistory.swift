import Music
import Records

/// What a picture needs of the session's past, which the state does not remember: the melody, and
/// what was planned and committed for each frame of the bars that are drawn.
struct SessionHistory {
  struct Revision: Hashable {
    /// The tick of the plan.
    var tick: Frame
    /// For how many frames the plan had another chord than the plan before.
    var frames: Int
  }

  /// What a picture holds at most, so that a session of hours neither takes up all memory nor makes
  /// a picture that nobody can look at.
  struct Limits {
    var bars = 256
    var frames = 1 << 16
    var plannedSymbols = 1 << 18
    var notes = 1 << 16
    /// How far ahead of their ticks plans are kept.
    var beatsAhead = 16
  }

  /// The first bar to draw; nil for the bar of the first note or chord.
  let from: Int?
  /// The last bar to draw; nil for the session's last.
  let to: Int?
  let limits: Limits

  private(set) var header: Header?
  private(set) var bars: [Bar] = []
  private(set) var notes: [PlayedNote] = []
  private(set) var plans: [Frame: FramePlans] = [:]
  /// One for each tick that had a plan.
  private(set) var revisions: [Revision] = []
  /// The frame that began last, as far as the bars reach.
  private(set) var lastFrame: Frame?
  /// The number of the session's last bar, which may lie behind the picture's.
  private(set) var lastBar: Int?
  /// Whether the limits leave out bars that were wanted.
  private(set) var isCutShort = false

  /// Whether the picture has ended before the session.
  private var isOver = false
  /// Whether no note and no chord has come yet. Until then, bars are left out.
  private var isSilent = true
  private var plannedSymbolCount = 0
  private var lastTick: Frame?
  private var lastPlan: (tick: Frame, until: Frame)?
  /// For each held key, the index of its note.
  private var held: [Key: Int] = [:]

  private struct Key: Hashable {
    var channel: Channel
    var pitch: Pitch
  }

  init(from: Int? = nil, to: Int? = nil, limits: Limits = Limits()) {
    self.from = from
    self.to = to
    self.limits = limits
  }

  /// Adds a record; `state` is the session's state after it.
  mutating func receive(_ record: Record, _ state: SessionState) {
    switch record.event {
    case .header(let header): self.header = header
    case .tick(let frame): begin(frame, of: state.bars.current)
    case .plan(let plan): receive(plan)
    case .message(.noteOn(let note)): begin(note, at: state.position)
    case .message(.noteOff(let note)): end(note, at: state.position)
    default: break
    }
  }

  /// The frames of all bars that have begun.
  var frames: [Frame] {
    guard let lastFrame else { return [] }
    return bars.flatMap { bar in bar.frames.prefix { $0 <= lastFrame } }
  }

  /// Whether there is no bar to draw.
  var isEmpty: Bool { bars.last.map { last in from.map { last.number < $0 } ?? isSilent } ?? true }

  /// Where a note that is still held ends in the picture.
  var end: Double { lastFrame.map { Double($0.rawValue) + 1 } ?? 0 }
}

// MARK: Bars

extension SessionHistory {
  private mutating func begin(_ frame: Frame, of bar: Bar?) {
    guard let bar, lastTick.map({ frame > $0 }) ?? true else { return }
    lastTick = frame
    lastBar = bar.number
    if bars.last?.frames.lowerBound != bar.frames.lowerBound { begin(bar) }
    // Ticks may be missing, as where an agent could not keep up.
    lastFrame = isOver ? bars.last.map { $0.frames.upperBound - 1 } : frame
  }

  private mutating func begin(_ bar: Bar) {
    // A change of meter cuts a bar short. One that comes late replaces bars that have begun.
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
        && plannedSymbolCount < limits.plannedSymbols && notes.count < limits.notes
  }

  /// Drops what lies before the picture's first bar.
  private mutating func forget(before frame: Frame) {
    bars = []
    revisions = []
    plans = plans.filter { $0.key >= frame }
    plannedSymbolCount = plans.values.reduce(0) { $0 + $1.planned.count }
    let kept = Set(held.values)
    let order = notes.indices.filter {
      kept.contains($0) || notes[$0].to ?? 0 > Double(frame.rawValue)
    }
    notes = order.map { notes[$0] }
    let places = Dictionary(uniqueKeysWithValues: zip(order, order.indices))
    held = held.compactMapValues { places[$0] }
  }
}

// MARK: Notes

extension SessionHistory {
  private mutating func begin(_ note: Note, at position: Double?) {
    end(note, at: position)
    guard let position, !isOver, notes.count < limits.notes, note.channel != .drums else { return }
    isSilent = false
    held[Key(channel: note.channel, pitch: note.pitch)] = notes.count
    notes.append(PlayedNote(channel: note.channel, pitch: note.pitch, from: position))
  }

  private mutating func end(_ note: Note, at position: Double?) {
    let key = Key(channel: note.channel, pitch: note.pitch)
    guard let position, let index = held.removeValue(forKey: key) else { return }
    notes[index].to = position
  }
}

// MARK: Plans

extension SessionHistory {
  private mutating func receive(_ plan: Plan) {
    let last = isOver ? lastFrame : lastTick
    guard let header, let last, plan.frame <= last, lastPlan.map({ plan.frame >= $0.tick }) ?? true
    else { return }
    let horizon = plan.frame + limits.beatsAhead * header.framesPerBeat
    let until = min(plan.until, horizon)
    let frames = plan.frame..<max(until, lastPlan?.until ?? until, plan.frame)
    lastPlan = (plan.frame, until)
    var changed = 0
    var chords = plan.chords[...]
    for frame in frames where plannedSymbolCount < limits.plannedSymbols {
      chords = chords.drop { $0.to <= frame }
      let chord = chords.first.flatMap { $0.from <= frame && frame < until ? $0 : nil }
      if receive(chord, for: frame, of: plan) { changed += 1 }
    }
    if revisions.last?.tick == plan.frame { revisions.removeLast() }
    revisions.append(Revision(tick: plan.frame, frames: changed))
  }

  /// Adds what a plan has for a frame. True if the plan before had another chord.
  private mutating func receive(_ chord: PlannedChord?, for frame: Frame, of plan: Plan) -> Bool {
    let symbol = chord.map { Self.kept($0.symbol) }
    let known = plans[frame]?.planned.count
    guard symbol != nil || known != nil else { return false }
    let isChange = plans[frame, default: FramePlans()].receive(symbol, at: plan.frame)
    plannedSymbolCount += plans[frame]!.planned.count - (known ?? 0)
    if let chord, let symbol, frame < plan.commit {
      plans[frame]?.commit(chord, symbol: symbol, at: plan.frame)
      if symbol != "N" { isSilent = false }
    }
    return isChange
  }

  /// The start of a symbol. Chord symbols are shorter, but a stream may hold any text.
  private static func kept(_ symbol: String) -> String {
    symbol.utf8.count <= 64 ? symbol : String(decoding: symbol.utf8.prefix(64), as: UTF8.self)
  }
}
