import Records
import Timeline

/// Makes a stream of what is played live. It has no clock: it is told what time it is.
///
/// A terminal does not tell when a key is let go, so a note ends when the next one begins, when it is
/// released, or after a while. A key that is held down repeats itself; what comes faster than anyone
/// plays makes the note last.
struct LivePerformance {
  /// Keys that repeat themselves do so at least every 80 ms, once they have begun to.
  static let fastestRepetition = Microseconds(80_000)

  let header: Header
  private var timeline: Timeline
  private var nextFrame: Frame
  /// Nil until the ticks have begun.
  private var nextTick: Microseconds?
  private var sounding: (note: Note, end: Microseconds, lastKey: Microseconds)?
  /// Time that a note lasts.
  private let hold: Microseconds

  /// - Parameters:
  ///   - start: whether the ticks wait for the first note.
  ///   - countIn: in bars; with one, the ticks begin at once.
  ///   - hold: how long a note lasts if nothing ends it before, in beats.
  init(_ header: Header, start: Start, countIn: Int, hold: Double) {
    self.header = header
    timeline = Timeline(header: header)
    let bar = timeline.barPosition(of: Frame(0)).length
    nextFrame = Frame(-countIn * bar)
    nextTick = start == .now || countIn > 0 ? .zero : nil
    self.hold = Microseconds(Int64((hold * 60_000_000 / header.tempo).rounded()))
  }

  /// When something is due without anyone playing; nil if nothing is.
  var nextDeadline: Microseconds? {
    switch (nextTick, sounding?.end) {
    case (let tick?, let end?): min(tick, end)
    case (let tick, let end): tick ?? end
    }
  }

  /// The records that are due up to a time.
  mutating func advance(to time: Microseconds) -> [Record] {
    var records: [Record] = []
    while let deadline = nextDeadline, deadline <= time {
      if deadline == nextTick { records.append(tick(at: deadline)) }
      if let end = sounding?.end, end <= deadline { records += release(at: deadline) }
    }
    return records
  }

  /// A note begins. `advance` was called for the same time.
  mutating func strike(_ note: Note, at time: Microseconds) -> [Record] {
    let end = time + hold
    if let held = sounding, held.note == note, time - held.lastKey < Self.fastestRepetition {
      sounding = (note, max(held.end, time + Self.fastestRepetition), time)
      return []
    }
    var records: [Record] = []
    if nextTick == nil { records.append(tick(at: time)) }
    records += release(at: time)
    records.append(Record(time: time, event: .noteOn(note)))
    sounding = (note, end, time)
    return records
  }

  /// The note that sounds ends.
  mutating func release(at time: Microseconds) -> [Record] {
    guard let note = sounding?.note else { return [] }
    sounding = nil
    return [Record(time: time, event: .noteOff(note.released))]
  }

  /// The stream ends.
  mutating func end(at time: Microseconds, reason: String) -> [Record] {
    release(at: time) + [Record(time: time, event: .end(reason: reason))]
  }

  private mutating func tick(at time: Microseconds) -> Record {
    let record = Record(time: time, event: .tick(nextFrame))
    // Each tick is reckoned from the first: they must not drift by what rounding leaves.
    if nextTick == nil || nextTick == .zero { timeline.receive(record) }
    nextFrame = nextFrame + 1
    nextTick = timeline.time(of: nextFrame)
    return record
  }
}
