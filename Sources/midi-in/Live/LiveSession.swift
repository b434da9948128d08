import CommandSupport
import Music
import RealTime
import Records

/// An instrument that is played live: the terminal's keys, or ports.
protocol Instrument: ~Copyable {
  /// The header of its stream, without the epoch.
  var header: Header { get }
  /// Readable when something was played.
  var readiness: CInt { get }
  /// The stream's time when something is due even if nobody plays; nil if nothing is.
  var nextDeadline: Microseconds? { get }
  /// Whether the person has ended the session.
  var hasQuit: Bool { get }
  /// Adds the records of what was played, and of what is due, up to a time.
  mutating func play(
    until time: Microseconds, isReadable: Bool, epoch: Epoch, into records: inout RecordBatch
  ) throws(Failure)
  /// Ends the stream.
  mutating func end(
    at time: Microseconds, reason: String, epoch: Epoch, into records: inout RecordBatch)
}

/// Records an instrument in real time until the person or a signal ends it.
struct LiveSession: ~Copyable {
  private var output: Output
  private let stop: StopSignal
  private let epoch: Epoch
  private var records = RecordBatch()

  init(stop: StopSignal) {
    self.stop = stop
    output = Output(stop: stop)
    // With a larger pipe, a reader that is busy for a while holds up nothing.
    output.makeRoom()
    MonotonicClock.reduceTimerSlack()
    epoch = .now()
  }

  mutating func play(_ instrument: inout some Instrument & ~Copyable) throws(Failure) {
    var header = instrument.header
    header.epoch = epoch.monotonic
    header.wall = epoch.wall
    try output.write(Record(time: .zero, event: .header(header)))
    do throws(Failure) {
      while !instrument.hasQuit, let wakeup = wait(for: instrument) {
        try instrument.play(
          until: epoch.streamTime(at: wakeup.time), isReadable: wakeup.isReadable, epoch: epoch,
          into: &records)
        try write()
      }
    } catch {
      try end(&instrument, reason: "error")
      throw error
    }
    try end(&instrument, reason: instrument.hasQuit ? "quit" : .stopped)
  }

  private mutating func end(
    _ instrument: inout some Instrument & ~Copyable, reason: String
  ) throws(Failure) {
    let now = epoch.streamTime(at: MonotonicClock.now)
    try instrument.play(until: now, isReadable: false, epoch: epoch, into: &records)
    instrument.end(at: now, reason: reason, epoch: epoch, into: &records)
    try write()
  }

  private func wait(for instrument: borrowing some Instrument & ~Copyable) -> Wakeup? {
    MonotonicClock.wait(
      until: instrument.nextDeadline.map(epoch.clockTime), stop: stop.fileDescriptor.rawValue,
      input: instrument.readiness, output: output.fileDescriptor.rawValue)
  }

  private mutating func write() throws(Failure) {
    for record in records.records { try output.write(record) }
    records.clear()
  }
}
