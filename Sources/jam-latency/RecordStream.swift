import CommandSupport
import Music
import RealTime
import Records
import SystemPackage

/// Reads the records that a tool writes, and the times when they came.
struct RecordStream: ~Copyable {
  private var input: Input
  private let stop: StopSignal
  /// CLOCK_MONOTONIC at the stream's time 0; zero before the header.
  private(set) var epoch = Microseconds.zero

  init(_ descriptor: FileDescriptor, stop: StopSignal) {
    input = Input(descriptor, name: "midi-in", isOwned: false, stop: stop)
    self.stop = stop
  }

  /// Reads until a time, or until a record that is awaited. Returns false if this tool has to stop or the
  /// stream is over.
  /// - Parameter isAwaited: gets each record, the stream's epoch, and the time when it could be read.
  mutating func read(
    until deadline: Microseconds,
    _ isAwaited: (_ record: Record, _ epoch: Microseconds, _ time: Microseconds) -> Bool
  ) throws(Failure) -> Bool {
    while true {
      guard
        let wakeup = MonotonicClock.wait(
          until: deadline, stop: stop.fileDescriptor.rawValue,
          input: input.fileDescriptor.rawValue)
      else { return false }
      var wasAwaited = false
      while let step = try input.nextWaiting() {
        guard case .line(let line) = step else { return false }
        if case .header(let header) = line.record.event { epoch = header.epoch ?? .zero }
        if isAwaited(line.record, epoch, wakeup.time) { wasAwaited = true }
      }
      if wasAwaited || wakeup.time >= deadline { return true }
    }
  }
}
