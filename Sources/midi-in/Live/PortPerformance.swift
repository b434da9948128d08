import Music
import Records
import Sequencer

/// Makes a stream of what is played on ports. It has no clock: the caller says when each event happened.
struct PortPerformance: Sendable {
  /// What begins the frames.
  private enum Ticks: Sendable {
    case steady(SteadyTicks)
    case clocked(ClockedTicks)
  }

  let header: Header
  private let settings: PortSettings
  private var ticks: Ticks
  private var keys = SustainedKeys()
  private var map: ControllerMap
  private var taps: TapTempo?
  /// The notes that tap the tempo: they are not recorded.
  private var tapped = SoundingNotes()
  private var isTapDown = false
  private var tempo: Double
  /// How many events were lost so far.
  private var lost = 0
  /// Something to tell the person, such as what a controller was learned for.
  private(set) var advice: String?

  init(_ header: Header, _ settings: PortSettings) {
    self.header = header
    self.settings = settings
    tempo = header.tempo
    map = ControllerMap(settings.mappings)
    taps = settings.tap.map { _ in TapTempo(header.meter) }
    let startsAtOnce = settings.start == .now
    ticks =
      settings.isSynchronised
      ? .clocked(ClockedTicks(header, startsAtOnce: startsAtOnce))
      : .steady(
        SteadyTicks(
          header, startsAtOnce: startsAtOnce && settings.tap == nil, countIn: settings.countIn))
  }

  /// The time of the next tick, if it is known; nil if it is not.
  var nextDeadline: Microseconds? {
    switch ticks {
    case .steady(let ticks): ticks.nextDeadline
    case .clocked(let ticks): ticks.nextDeadline
    }
  }

  /// Adds the ticks that are due up to a time.
  mutating func advance(to time: Microseconds, into records: inout RecordBatch) {
    while let tick = nextTick(dueAt: time) { records.add(tick) }
  }

  private mutating func nextTick(dueAt time: Microseconds) -> Record? {
    switch ticks {
    case .steady(var steady):
      let tick = steady.next(dueAt: time)
      ticks = .steady(steady)
      return tick
    case .clocked(var clocked):
      let tick = clocked.next(dueAt: time)
      ticks = .clocked(clocked)
      return tick
    }
  }

  /// Adds the records that follow from a message. `advance(to:into:)` was called for the same time.
  mutating func receive(
    _ message: ChannelMessage, at time: Microseconds, into records: inout RecordBatch
  ) {
    if case .control(_, let controller, let value) = message,
      changesSetting(controller, value, at: time, &records)
    {
      return
    }
    guard settings.channel == nil || message.channel == settings.channel else { return }
    switch message {
    case .noteOn(let note):
      if isTap(note, at: time, &records) { return }
      beginTicks(at: time, &records)
      keys.press(note) { records.add($0, at: time) }
    case .noteOff(let note):
      if tapped.remove(note) { return }
      keys.release(note) { records.add($0, at: time) }
    case .control(let channel, let controller, let value):
      keys.control(channel, controller, value) { records.add($0, at: time) }
    case .program, .bend: records.add(message, at: time)
    }
  }

  /// Whether a message releases a key that is down.
  func isRelease(_ message: ChannelMessage) -> Bool {
    if case .noteOff(let note) = message { keys.isDown(note) } else { false }
  }

  /// Adds the records that follow from a clock message. `advance(to:into:)` was called for the same time.
  mutating func receive(
    _ message: ClockMessage, at time: Microseconds, into records: inout RecordBatch
  ) {
    guard case .clocked(var clocked) = ticks else { return }
    clocked.receive(message, at: time, into: &records)
    ticks = .clocked(clocked)
    advance(to: time, into: &records)
  }

  /// Adds how many events were lost in all. All notes end, because their note-offs may be among the lost.
  mutating func overflow(lost: Int, at time: Microseconds, into records: inout RecordBatch) {
    guard lost > self.lost else { return }
    self.lost = lost
    silence(at: time, into: &records)
    records.add(.stat([Counter(name: "lost", value: Double(lost))]), at: time)
  }

  /// Ends all notes: nobody plays any more, for a while or for good.
  mutating func silence(at time: Microseconds, into records: inout RecordBatch) {
    keys.releaseAll { records.add($0, at: time) }
    tapped = SoundingNotes()
  }

  /// Adds a marker.
  mutating func mark(_ text: String, at time: Microseconds, into records: inout RecordBatch) {
    records.add(.marker(text: text), at: time)
  }

  /// Ends the stream.
  mutating func end(at time: Microseconds, reason: String, into records: inout RecordBatch) {
    silence(at: time, into: &records)
    records.add(.end(reason: reason), at: time)
  }

  /// Returns what is to be told to the person, once.
  mutating func takeAdvice() -> String? {
    defer { advice = nil }
    return advice
  }

  /// Whether a controller, on whatever channel, taps the tempo or changes settings. If so, adds the records
  /// that follow.
  private mutating func changesSetting(
    _ controller: UInt8, _ value: UInt8, at time: Microseconds, _ records: inout RecordBatch
  ) -> Bool {
    if case .controller(controller)? = settings.tap {
      // From the middle of its range on, a pedal or a pad is down.
      if value >= 64, !isTapDown { tap(at: time, &records) }
      isTapDown = value >= 64
      return true
    }
    let changes = map.receive(controller, value)
    for (change, isLearned) in changes {
      if isLearned, case .set(let name, _) = change { advice = "cc\(controller) sets \(name)" }
      records.add(change, at: time)
    }
    return !changes.isEmpty
  }

  /// Whether a note only taps the tempo.
  private mutating func isTap(
    _ note: Note, at time: Microseconds, _ records: inout RecordBatch
  ) -> Bool {
    guard settings.tap == .notes, case .steady(let steady) = ticks, !steady.hasBegun else {
      return false
    }
    tapped.insert(note)
    tap(at: time, &records)
    return true
  }

  private mutating func tap(at time: Microseconds, _ records: inout RecordBatch) {
    taps?.tap(at: time)
    guard case .steady(var steady) = ticks, let tempo = taps?.tempo, let beat = taps?.beat else {
      return
    }
    if tempo != self.tempo { records.add(steady.change(tempo: tempo, at: time)) }
    self.tempo = tempo
    // The tapped bar ends one beat after its last tap.
    steady.begin(at: time + beat)
    ticks = .steady(steady)
  }

  private mutating func beginTicks(at time: Microseconds, _ records: inout RecordBatch) {
    guard settings.tap == nil, case .steady(var steady) = ticks, !steady.hasBegun else { return }
    steady.begin(at: time)
    ticks = .steady(steady)
    advance(to: time, into: &records)
  }
}
