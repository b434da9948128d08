import Music
import Records

/// What a browser that comes late has to know to show the right thing at once: as few records as say
/// it. All of it is bounded, whatever the stream holds.
struct Snapshot {
  /// What all views know of the stream.
  private var state = ViewState()
  private var options: ViewOptions
  private var header: Record?
  /// What holds now and what is announced.
  private var tempi: [Record] = []
  private var meters: [Record] = []
  private var changes: [String: Record] = [:]
  private var settings: Record?
  private var held: [Note: Record] = [:]
  private var tick: (frame: Frame, record: Record)?
  private var plan: Record?
  private var end: Record?

  /// Of names, and of changes ahead, no more are remembered.
  static let mostNames = 64

  init(options: ViewOptions = ViewOptions()) { self.options = options }

  mutating func receive(_ record: Record) {
    state.receive(record)
    if case .set(let name, let value) = record.event { options.receive(name: name, value: value) }
    switch record.event {
    case .header: header = record
    case .tempo(let frame, _): announce(record, from: frame, in: &tempi)
    case .meter(let frame, _): announce(record, from: frame, in: &meters)
    case .set(let name, _): remember(record, as: name)
    case .settings: settings = record
    case .message(.noteOn(let note)): held[key(note)] = record
    case .message(.noteOff(let note)): held[key(note)] = nil
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

  /// How the page writes chords.
  var naming: ChordNaming { options.naming(state, text: DisplayText()) }

  /// What a page has to be told anew when it changes: options of the view, and the key.
  struct Look: Hashable {
    let options: ViewOptions
    let key: MusicalKey?
  }

  var look: Look { Look(options: options, key: naming.key) }

  /// The events that tell it, of the chords that sounded of late, too.
  var lookEvents: [UInt8] {
    EventText.view(options, key: naming.key)
      + EventText.chords(state.sounded + (state.plan?.chords ?? []), naming)
  }

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
    // Of the agent's settings, what is in force, whatever was asked for.
    records += changes.filter { !isTold($0.key) }.sorted { $0.key < $1.key }.map(\.value)
    records += [settings].compactMap(\.self)
    if let stat { records.append(Record(time: .zero, event: .stat(stat))) }
    records += [tick?.record].compactMap(\.self)
    records += held.values.sorted { $0.time < $1.time }
    let last = [plan, end].compactMap(\.self)
    return EventText.start + EventText.controls(canSet: canSet) + told(records) + bar
      + EventText.view(options, key: naming.key) + told(last)
  }

  private func told(_ records: [Record]) -> [UInt8] {
    records.flatMap { EventText.of($0, naming: naming) }
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

  /// Whether the agent says itself what it has of that name.
  private func isTold(_ name: String) -> Bool {
    guard case .settings(let all)? = settings?.event else { return false }
    return all.contains { $0.name == name }
  }

  private mutating func remember(_ record: Record, as name: String) {
    guard changes[name] != nil || changes.count < Self.mostNames else { return }
    changes[name] = record
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
