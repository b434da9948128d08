import Records

/// What a browser that comes late has to know to show the right thing at once: as few records as say
/// it. All of it is bounded, whatever the stream holds.
struct Snapshot {
  /// What all views know of the stream.
  private var state = ViewState()
  private var header: Record?
  /// What holds now and what is announced.
  private var tempi: [Record] = []
  private var meters: [Record] = []
  private var settings: [String: Record] = [:]
  private var held: [Note: Record] = [:]
  private var tick: (frame: Frame, record: Record)?
  private var plan: Record?
  private var end: Record?

  /// Of names, and of changes ahead, no more are remembered.
  static let mostNames = 64

  mutating func receive(_ record: Record) {
    state.receive(record)
    switch record.event {
    case .header: header = record
    case .tempo(let frame, _): announce(record, from: frame, in: &tempi)
    case .meter(let frame, _): announce(record, from: frame, in: &meters)
    case .set(let name, _): remember(record, as: name, in: &settings)
    case .noteOn(let note): held[key(note)] = record
    case .noteOff(let note): held[key(note)] = nil
    case .tick(let frame):
      tick = (frame, record)
      forget(&tempi, before: frame)
      forget(&meters, before: frame)
    case .plan: plan = record
    case .end:
      end = record
      held = [:]
    default: break
    }
  }

  /// As guessed from what is played; nil before there is enough to go on.
  var key: MusicalKey? { state.keyGuess.key }

  /// What is wrong so far: the page adds what comes to it.
  private var stat: [Counter]? {
    let health = state.health
    let counts = [("missed", health.missed), ("dropped", health.dropped), ("lost", health.lost)]
    guard counts.contains(where: { $0.1 > 0 }) else { return nil }
    return counts.map { Counter(name: $0.0, value: Double($0.1)) }
  }

  /// The events that bring a page up to date.
  func events(canSet: Bool) -> [UInt8] {
    var records = [header].compactMap(\.self) + tempi + meters
    records += settings.sorted { $0.key < $1.key }.map(\.value)
    if let stat { records.append(Record(time: .zero, event: .stat(stat))) }
    records += [tick?.record].compactMap(\.self)
    records += held.values.sorted { $0.time < $1.time }
    let bytes =
      EventText.start + EventText.controls(canSet: canSet)
      + records.flatMap(EventText.of) + bar + (key.map(EventText.key) ?? [])
    return bytes + [plan, end].compactMap(\.self).flatMap(EventText.of)
  }

  /// Changes of meter that are over are not told, but where they left the count of the bars is.
  private var bar: [UInt8] {
    guard let timeline = state.timeline, let tick else { return [] }
    let bar = timeline.barPosition(of: tick.frame)
    return EventText.bar(bar.number + 1, from: tick.frame - bar.place)
  }

  private func key(_ note: Note) -> Note {
    Note(channel: note.channel, pitch: note.pitch, velocity: note.released.velocity)
  }

  private func remember(_ record: Record, as name: String, in named: inout [String: Record]) {
    guard named[name] != nil || named.count < Self.mostNames else { return }
    named[name] = record
  }

  private func announce(_ record: Record, from frame: Frame, in changes: inout [Record]) {
    changes.removeAll { ($0.event.firstFrame ?? frame) >= frame }
    if changes.count == Self.mostNames { changes.removeFirst() }
    changes.append(record)
  }

  private func forget(_ changes: inout [Record], before frame: Frame) {
    let current = changes.lastIndex { ($0.event.firstFrame ?? frame) <= frame }
    if let current { changes.removeFirst(current) }
  }
}

extension Event {
  /// From which frame on a change holds.
  fileprivate var firstFrame: Frame? {
    switch self {
    case .tempo(let frame, _), .meter(let frame, _): frame
    default: nil
    }
  }
}
