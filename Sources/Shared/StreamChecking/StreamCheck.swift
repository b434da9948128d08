import Chords
import Music
import Records

/// Checks whether a stream follows jam-stream(5), line by line, in bounded memory.
///
/// ```swift
/// var check = StreamCheck()
/// for line in lines { for breach in check.receive(line) { … } }
/// for breach in check.finish() { … }
/// ```
///
/// After a breach it goes on with the next line.
public struct StreamCheck: Sendable {
  /// What the stream contains so far.
  public private(set) var summary = StreamSummary()
  private var breaches: [Breach] = []
  private var hasHeader = false
  private var time: Microseconds?
  private var tick: Frame?
  /// The line and the frame of the latest tick, if that frame is not committed and no plan came
  /// since. The last tick of a stream need not be answered.
  private var unanswered: (line: Int, frame: Frame)?
  private var plans = PlanCheck()
  private var sounding = SoundingNotes()
  private var hasEnd = false

  public init() {}

  /// Checks the next line, without its newline, and returns its breaches.
  public mutating func receive(_ line: [UInt8]) -> [Breach] {
    summary.lines += 1
    if line.count >= Limits.line {
      report(.syntax, "line longer than \(Limits.line) bytes with its newline")
    } else {
      do throws(RecordError) {
        receive(try Record(parsing: line))
      } catch {
        report(.syntax, "column \(error.column): \(error.message)")
      }
    }
    return taken()
  }

  /// Checks what must be true at the end of the stream, and returns the breaches.
  public mutating func finish() -> [Breach] {
    if !hasHeader { report(.order, "expected a header, found none") }
    if !hasEnd { report(.ending, "expected an \"end\" record, found none") }
    var left = sounding
    left.removeAll { note in
      report(
        .note,
        "expected a note_off of pitch \(note.pitch.rawValue) on channel "
          + "\(note.channel.rawValue), found none")
    }
    return taken()
  }

  private mutating func taken() -> [Breach] {
    defer { breaches.removeAll() }
    summary.breaches += breaches.count
    return breaches
  }

  private mutating func report(_ rule: Breach.Rule, line: Int? = nil, _ message: String) {
    breaches.append(Breach(line: line ?? summary.lines, rule, message))
  }

  // MARK: Records

  private mutating func receive(_ record: Record) {
    summary.add(record)
    checkOrder(record)
    switch record.event {
    case .tick(let frame): receive(tick: frame)
    case .plan(let plan):
      unanswered = nil
      for (rule, message) in plans.receive(plan, tick: tick) { report(rule, message) }
    case .message(let message): sounding.receive(message)
    // While the music stands still, no plan is due.
    case .set("playing", .flag(false)): unanswered = nil
    case .end: hasEnd = true
    default: break
    }
  }

  private mutating func checkOrder(_ record: Record) {
    if case .header = record.event {
      if hasHeader { report(.order, "expected one header, found a second one") }
      if !hasHeader, summary.records > 1 {
        report(.order, "expected the header first, found other records")
      }
      hasHeader = true
    }
    if let time, record.time < time {
      report(.order, "expected a time from \(time.rawValue) on, found \(record.time.rawValue)")
    }
    time = max(time ?? record.time, record.time)
  }

  private mutating func receive(tick frame: Frame) {
    reportMissed()
    if let tick, frame <= tick {
      report(.tick, "expected a tick after frame \(tick.rawValue), found \(frame.rawValue)")
    }
    tick = frame
    if let commit = plans.commit, frame >= commit { unanswered = (summary.lines, frame) }
  }

  private mutating func reportMissed() {
    guard let (line, frame) = unanswered else { return }
    unanswered = nil
    summary.missed += 1
    report(
      .missed, line: line, "expected frame \(frame.rawValue) to be committed before the next tick")
  }
}
