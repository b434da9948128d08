import Music
import Records

/// Makes the records of a stream from a tune, one at a time: an endless performance takes no more
/// memory than a short one.
///
/// The order of records at one time is: changes of tempo and meter, the tick, note-offs,
/// controllers and the like, note-ons.
struct TunePerformance: Sequence, IteratorProtocol {
  let header: Header
  private var sections: Sections
  private var section: Section?
  /// The next frame, counted from the beginning of the section.
  private var place = 0
  /// The next frame, counted as the stream does.
  private var frame: Frame
  private var nextEvent = 0
  /// The note-offs at the end of the section before.
  private var lastEnds: [Event] = []
  /// The time when the section begins, in microseconds: never rounded, so times don't drift.
  private var begin = 0.0
  private var tempo: Double
  private var meter: Meter
  /// The records of the current frame.
  private var records: [Record] = []
  private var nextRecord = 0
  private var isOver = false

  init(_ tune: Tune, _ options: TuneOptions, producer: String, source: String) {
    tempo = tune.tempi.first
    meter = tune.meters[0].value
    header = Header(
      tempo: tempo, meter: meter, framesPerBeat: Tune.framesPerBeat, producer: producer,
      source: source)
    sections = Sections(tune, options)
    frame = Frame(-sections.countIn)
    section = sections.next()
    records = [Record(time: .zero, event: .header(header))]
  }

  mutating func next() -> Record? {
    while nextRecord == records.count {
      guard !isOver else { return nil }
      makeRecords()
    }
    defer { nextRecord += 1 }
    return records[nextRecord]
  }

  private mutating func makeRecords() {
    records.removeAll(keepingCapacity: true)
    nextRecord = 0
    while let section, place == section.length {
      // They come after the first tick of the next section.
      lastEnds = section.events[nextEvent...].map(\.event)
      begin += section.tempi.time(at: Double(section.length))
      place = 0
      nextEvent = 0
      self.section = sections.next()
    }
    guard let section, frame.rawValue <= Limits.frame.upperBound else {
      addLastEnds()
      records.append(Record(time: time(at: Double(place)), event: .end(reason: "eof")))
      isOver = true
      return
    }
    addChanges(of: section)
    records.append(Record(time: time(at: Double(place)), event: .tick(frame)))
    addLastEnds()
    place += 1
    frame = frame + 1
    addEvents(of: section, before: Double(place))
  }

  private mutating func addChanges(of section: Section) {
    let time = self.time(at: Double(place))
    if let value = section.changes[place], value != tempo {
      tempo = value
      records.append(Record(time: time, event: .tempo(frame: frame, beatsPerMinute: value)))
    }
    // Within a section, a meter that is repeated begins a new bar.
    if let value = section.meters[place], place > 0 || value != meter {
      meter = value
      records.append(Record(time: time, event: .meter(frame: frame, value)))
    }
  }

  private mutating func addLastEnds() {
    let time = self.time(at: Double(place))
    for event in lastEnds { records.append(Record(time: time, event: event)) }
    lastEnds.removeAll()
  }

  /// Adds the events before a position in the section.
  private mutating func addEvents(of section: Section, before position: Double) {
    while nextEvent < section.events.count, section.events[nextEvent].position < position {
      let event = section.events[nextEvent]
      records.append(Record(time: time(at: event.position), event: event.event))
      nextEvent += 1
    }
  }

  /// The time of a position in the section.
  private func time(at position: Double) -> Microseconds {
    let time = begin + (section?.tempi.time(at: position) ?? 0)
    return Microseconds(Int64(time.rounded()))
  }
}

/// A section of a performance: its events and changes, counted from its beginning.
struct Section: Sendable {
  /// The length of the section, in frames.
  let length: Int
  /// The events of the section, in the order in which they are written.
  let events: [PlacedEvent]
  let tempi: TuneTempi
  /// The tempi of the frames at which they may change, in quarter notes a minute.
  let changes: [Int: Double]
  /// The meters that begin at a frame of the section.
  let meters: [Int: Meter]

  init(_ tune: Tune) {
    length = tune.length
    tempi = tune.tempi
    changes = tempi.tempi(ofFramesBefore: length)
    meters = Dictionary(tune.meters.map { ($0.frame, $0.value) }) { $1 }
    var events = tune.others
    for note in tune.notes {
      events.append(PlacedEvent(position: note.on, event: .message(.noteOn(note.note))))
      events.append(PlacedEvent(position: note.off, event: .message(.noteOff(note.note.released))))
    }
    self.events = events.enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      return (a.position, a.event.rank, left.offset) < (b.position, b.event.rank, right.offset)
    }.map(\.element)
  }
}

extension Event {
  /// The rank of an event among those at one time.
  fileprivate var rank: Int {
    switch self {
    case .message(.noteOff): 0
    case .message(.noteOn): 2
    default: 1
    }
  }
}
