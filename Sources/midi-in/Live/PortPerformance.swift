import Music
import Records
import Sequencer

/// Makes a stream of what is played on ports. It has no clock: it is told when what happened.
struct PortPerformance: Sendable {
  /// Where ticks come from.
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
  /// Keys that were tapped: what they play is no music.
  private var tapped = SoundingNotes()
  private var isTapDown = false
  private var tempo: Double
  private var lost = 0
  /// Something to tell the person, of what was learned or lost.
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

  /// When something is due without anyone playing; nil if nothing is.
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

  /// Adds what follows from something that was played. `advance` was called for the same time.
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

  /// Whether a key is let go that is down.
  func isRelease(_ message: ChannelMessage) -> Bool {
    if case .noteOff(let note) = message { keys.isDown(note) } else { false }
  }

  /// Adds what follows from what a MIDI clock says. `advance` was called for the same time.
  mutating func receive(
    _ message: ClockMessage, at time: Microseconds, into records: inout RecordBatch
  ) {
    guard case .clocked(var clocked) = ticks else { return }
    clocked.receive(message, at: time, into: &records)
    ticks = .clocked(clocked)
    advance(to: time, into: &records)
  }

  /// More was played than there was room for, so many events in all. What sounds may have been ended by
  /// some of them: it ends.
  mutating func overflow(lost: Int, at time: Microseconds, into records: inout RecordBatch) {
    guard lost > self.lost else { return }
    self.lost = lost
    silence(at: time, into: &records)
    records.add(.stat([Counter(name: "lost", value: Double(lost))]), at: time)
  }

  /// Nobody plays any more, for a while or for good: what sounds ends.
  mutating func silence(at time: Microseconds, into records: inout RecordBatch) {
    keys.releaseAll { records.add($0, at: time) }
    tapped = SoundingNotes()
  }

  mutating func mark(_ text: String, at time: Microseconds, into records: inout RecordBatch) {
    records.add(.marker(text: text), at: time)
  }

  /// The stream ends.
  mutating func end(at time: Microseconds, reason: String, into records: inout RecordBatch) {
    silence(at: time, into: &records)
    records.add(.end(reason: reason), at: time)
  }

  /// What there is to tell the person, once.
  mutating func takeAdvice() -> String? {
    defer { advice = nil }
    return advice
  }

  /// Whether a controller, on whatever channel, is one that taps or that changes settings.
  private mutating func changesSetting(
    _ controller: UInt8, _ value: UInt8, at time: Microseconds, _ records: inout RecordBatch
  ) -> Bool {
    if case .controller(controller)? = settings.tap {
      // A pedal or a pad is down from the middle on.
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

  /// Whether a note is one of those that only tell the tempo.
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
    // The bar that was tapped is over a beat after its last.
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
