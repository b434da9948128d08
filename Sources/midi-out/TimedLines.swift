import CommandSupport
import Music
import RealTime
import Records

/// Holds the lines of a stream back until their times come.
///
/// It reads ahead, because the moment when a line comes tells how the stream's clock goes.
struct TimedLines {
  enum Step {
    case line(Line)
    /// There are no more lines.
    case end
    /// Wait for input, or until a time of CLOCK_MONOTONIC where there is one.
    case wait(until: Microseconds?)
  }

  /// The most lines that are read before their time.
  private static let mostHeld = 256

  /// Nil before the header.
  private(set) var clock: StreamClock?
  private var held: ArraySlice<Line> = []
  /// Whether the last attempt to read found no line: the next one comes as it is written.
  private var isWaitedFor = false
  /// Nil while there is more to read.
  private var inputEnd: Result<Void, Failure>?

  /// Whether more lines can be taken from the input.
  var canRead: Bool { inputEnd == nil && held.count < Self.mostHeld }

  /// Reads what has come, and returns the next line if it is due.
  mutating func next(_ input: inout Input, at now: Microseconds) throws(Failure) -> Step {
    readAhead(&input, at: now)
    guard let line = held.first else {
      guard let inputEnd else { return .wait(until: nil) }
      try inputEnd.get()
      return .end
    }
    let due = dueTime(of: line.record, now: now)
    guard due <= now else { return .wait(until: due) }
    held.removeFirst()
    return .line(line)
  }

  private mutating func readAhead(_ input: inout Input, at now: Microseconds) {
    do throws(Failure) {
      while canRead {
        guard let step = try input.nextWaiting() else {
          isWaitedFor = true
          return
        }
        guard case .line(let line) = step else {
          inputEnd = .success(())
          return
        }
        held.append(line)
        if case .header(let header) = line.record.event { clock = StreamClock(epoch: header.epoch) }
        if isWaitedFor { clock?.arrived(line.record.time, now: now) }
        isWaitedFor = false
      }
    } catch {
      // The lines before the error are played first.
      inputEnd = .failure(error)
    }
  }

  private mutating func dueTime(of record: Record, now: Microseconds) -> Microseconds {
    if case .header = record.event { return now }
    return clock?.clockTime(of: record.time, now: now) ?? now
  }
}
