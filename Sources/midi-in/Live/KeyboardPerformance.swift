import Music
import Records

/// Makes a stream of the keys of a terminal. It has no clock: the caller says what time it is.
///
/// A terminal does not tell when a key is released. A note ends when the next one begins, with the space
/// bar, or after the hold time. A key that is held down repeats itself: repetitions that are faster than
/// anyone plays prolong the note.
struct KeyboardPerformance: Sendable {
  /// A key that is held down repeats itself at least every 80 ms, after a pause at first.
  static let fastestRepetition = Microseconds(80_000)

  let header: Header
  private var ticks: SteadyTicks
  private var sounding: (note: Note, end: Microseconds, lastKey: Microseconds)?
  /// The time that a note lasts if nothing ends it before.
  private let hold: Microseconds

  /// - Parameters:
  ///   - start: whether the ticks wait for the first note.
  ///   - countIn: in bars; with one, the ticks begin at once.
  ///   - hold: how long a note lasts if nothing ends it before, in beats.
  init(_ header: Header, start: Start, countIn: Int, hold: Double) {
    self.header = header
    ticks = SteadyTicks(header, startsAtOnce: start == .now, countIn: countIn)
    self.hold = Microseconds(Int64((hold * 60_000_000 / header.tempo).rounded()))
  }

  /// The time of the next tick or note-off, whichever is earlier; nil if there is none.
  var nextDeadline: Microseconds? {
    switch (ticks.nextDeadline, sounding?.end) {
    case (let tick?, let end?): min(tick, end)
    case (let tick, let end): tick ?? end
    }
  }

  /// Adds the ticks and the note-off that are due up to a time.
  mutating func advance(to time: Microseconds, into records: inout RecordBatch) {
    while let deadline = nextDeadline, deadline <= time {
      if let tick = ticks.next(dueAt: deadline) { records.add(tick) }
      if let end = sounding?.end, end <= deadline { release(at: deadline, into: &records) }
    }
  }

  /// A key was pressed. `advance(to:into:)` was called for the same time.
  mutating func press(_ note: Note, at time: Microseconds, into records: inout RecordBatch) {
    let end = time + hold
    if let held = sounding, held.note == note, time - held.lastKey < Self.fastestRepetition {
      sounding = (note, max(held.end, time + Self.fastestRepetition), time)
      return
    }
    ticks.begin(at: time)
    if let tick = ticks.next(dueAt: time) { records.add(tick) }
    release(at: time, into: &records)
    records.add(.noteOn(note), at: time)
    sounding = (note, end, time)
  }

  /// Ends the note that sounds.
  mutating func release(at time: Microseconds, into records: inout RecordBatch) {
    guard let note = sounding?.note else { return }
    sounding = nil
    records.add(.noteOff(note.released), at: time)
  }

  /// Ends the stream.
  mutating func end(at time: Microseconds, reason: String, into records: inout RecordBatch) {
    release(at: time, into: &records)
    records.add(.end(reason: reason), at: time)
  }
}
