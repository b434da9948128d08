import CommandSupport
import Music
import RealTime
import Records

/// Writes the records of a tune or a recording when their times come, and follows which notes
/// sound.
struct TunePlayer: ~Copyable {
  private var output: Output
  private let stop: StopSignal
  private let pace: Pace
  /// The stream's time 0 on the machine's clocks. Set with the header, in real time only.
  private var epoch: Epoch?
  /// The time of the last record; nil before the header.
  private var time: Microseconds?
  private var sounding = SoundingNotes()
  private var hasEnded = false

  init(_ pace: Pace, stop: StopSignal) {
    self.pace = pace
    self.stop = stop
    output = Output(stop: stop)
    if pace == .realtime { MonotonicClock.reduceTimerSlack() }
  }

  /// Begins a stream whose header is written now. Returns its time 0; nil unless the pace is real
  /// time. Time 0 may lie before the machine was switched on: then its `monotonic` is negative.
  mutating func begin(headerTime: Microseconds) -> Epoch? {
    guard pace == .realtime else { return nil }
    let now = Epoch.now()
    epoch = Epoch(
      monotonic: now.monotonic - headerTime, sinceUnixEpoch: now.sinceUnixEpoch - headerTime)
    return epoch
  }

  /// Waits for the record's time and writes the record. Returns false if the tool has to stop
  /// first.
  mutating func play(_ record: Record) throws(Failure) -> Bool {
    guard wait(for: record.time) else { return false }
    var record = record
    if case .header(var header) = record.event, let epoch = begin(headerTime: record.time) {
      header.setEpoch(epoch)
      record.event = .header(header)
    }
    try output.write(record)
    follow(record)
    return true
  }

  /// Waits for the record's time and writes its line. Returns false if the tool has to stop first.
  mutating func play(_ record: Record, line: [UInt8]) throws(Failure) -> Bool {
    guard wait(for: record.time) else { return false }
    try output.write(line: line)
    follow(record)
    return true
  }

  /// Ends all notes and the stream before its end.
  mutating func breakOff(reason: String) throws(Failure) {
    guard let last = time, !hasEnded else { return }
    let now = epoch?.streamTime(at: MonotonicClock.now) ?? last
    for record in sounding.endings(at: max(now, last), reason: reason) {
      try output.write(record)
    }
    hasEnded = true
  }

  private func wait(for time: Microseconds) -> Bool {
    guard let epoch else { return !stop.isRaised }
    return MonotonicClock.wait(
      until: epoch.clockTime(of: time), stop: stop.fileDescriptor.rawValue,
      output: output.fileDescriptor.rawValue) != nil
  }

  /// Follows the time, the sounding notes and the end of the stream after a record was written.
  private mutating func follow(_ record: Record) {
    time = record.time
    switch record.event {
    case .message(let message): sounding.receive(message)
    case .end: hasEnded = true
    default: break
    }
  }
}

extension Header {
  /// Tells when time 0 is. There is no `epoch_us` for a time before the machine was switched on.
  mutating func setEpoch(_ epoch: Epoch) {
    self.epoch = epoch.monotonic < .zero ? nil : epoch.monotonic
    wall = epoch.wall
  }
}

extension SoundingNotes {
  /// The records that end a stream early: all notes end, then the stream.
  func endings(at time: Microseconds, reason: String) -> [Record] {
    var records: [Record] = []
    var notes = self
    notes.removeAll { records.append(Record(time: time, event: .message(.noteOff($0)))) }
    return records + [Record(time: time, event: .end(reason: reason))]
  }
}
