import CommandSupport
import Glibc
import Music
import RealTime
import Records
import SystemPackage

/// A file that gets a copy of the stream, written by a thread of its own: a disk that hangs and a
/// pipe that nobody reads hold up nobody else.
final class Branch: Sendable {
  private struct State {
    var queue: BranchQueue
    /// The lines that are being written.
    var lineCountUnderway = 0
    /// Nothing will be added.
    var isFinished = false
    /// The thread has ended: all is written, or the branch was given up.
    var isDone = false
    /// Why it was given up; a reader that went away is no failure.
    var isGivenUp = false
    var hasFailed = false
  }

  private let path: String
  private let stop: StopSignal
  /// Nil where opening may wait for a reader: the thread does it.
  private let opened: FileDescriptor?
  private let state: Monitor<State>

  /// Opens a file, which begins anew. A mistake in its name is best told before the music begins.
  init(path: String, queue: BranchQueue, stop: StopSignal) throws(Failure) {
    self.path = path
    self.stop = stop
    state = Monitor(State(queue: queue))
    var status = stat()
    let isPipe = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    do throws(Errno) {
      opened = isPipe ? nil : try openForWriting(path)
    } catch {
      throw .io("write to \(path)", error)
    }
  }

  /// Begins to write what is added.
  func start() throws(Failure) {
    var thread = pthread_t()
    let this = Unmanaged.passRetained(self)
    let error = pthread_create(
      &thread, nil,
      { argument in
        argument.map { Unmanaged<Branch>.fromOpaque($0).takeRetainedValue().run() }
        return nil
      }, this.toOpaque())
    guard error == 0 else {
      this.release()
      throw .io("start a thread", Errno(rawValue: error))
    }
  }

  /// Adds lines to what is to be written, without waiting.
  func append(_ lines: [UInt8]) {
    state.withValue { state in
      if !state.isDone { state.queue.append(lines) }
    }
  }

  /// Says that nothing will be added.
  func finish() {
    state.withValue { $0.isFinished = true }
  }

  /// Waits until all is written, or until a time of CLOCK_MONOTONIC.
  func wait(until deadline: Microseconds) {
    state.wait(until: deadline) { $0.isDone }
  }

  /// Whether it could not be written.
  var hasFailed: Bool { state.withValue { $0.hasFailed } }

  /// What it lacks, in words; nil where it lacks nothing, or was given up.
  var losses: String? {
    state.withValue { state in
      let left = state.isGivenUp ? 0 : state.queue.lineCount + state.lineCountUnderway
      let counts = [(state.queue.dropped, "dropped"), (left, "left behind")].filter { $0.0 > 0 }
      guard !counts.isEmpty else { return nil }
      return "\(path): lines " + counts.map { "\($0.1): \($0.0)" }.joined(separator: ", ")
    }
  }

  private func run() {
    do {
      try write(to: try opened ?? openForWriting(path))
    } catch {
      giveUp(error as? Errno ?? .ioError)
    }
    state.withValue { $0.isDone = true }
  }

  private func write(to descriptor: FileDescriptor) throws {
    defer { try? descriptor.close() }
    while waitForLines() {
      // What is taken out can't be dropped any more, nor counted with what was dropped before: so
      // only once there is room for it.
      try waitForRoom(descriptor)
      guard let batch = takeBatch() else { return }
      var rest = batch.bytes[...]
      while !rest.isEmpty {
        rest = rest.dropFirst(try writeSome(rest.prefix(Limits.line), to: descriptor))
      }
    }
  }

  /// False once all is written.
  private func waitForLines() -> Bool {
    var isMore = false
    state.wait { state in
      state.lineCountUnderway = 0
      isMore = !state.queue.isEmpty
      return isMore || state.isFinished
    }
    return isMore
  }

  private func takeBatch() -> BranchQueue.Batch? {
    state.withValue { state in
      let batch = state.queue.next()
      state.lineCountUnderway = batch?.lineCount ?? 0
      return batch
    }
  }

  private func giveUp(_ error: Errno) {
    state.withValue { state in
      state.isGivenUp = true
      state.hasFailed = error != .brokenPipe
    }
    // After a signal to the whole pipeline viewers end first.
    if error == .brokenPipe, stop.isRaised { return }
    complain("cannot write to \(path): \(error)")
  }
}

/// Opens what is written to line by line, so that it is whole up to the last line at any moment.
private func openForWriting(_ path: String) throws(Errno) -> FileDescriptor {
  do {
    return try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
  } catch {
    throw error as? Errno ?? .ioError
  }
}

/// A pipe that is ready has room for a whole line, so the write after it never blocks.
private func waitForRoom(_ descriptor: FileDescriptor) throws(Errno) {
  _ = try MonotonicClock.wait(for: .writing(descriptor), or: nil, .forever)
}

/// Writes what there is room for; none where another program made the descriptor non-blocking and was
/// faster.
func writeSome(_ bytes: ArraySlice<UInt8>, to descriptor: FileDescriptor) throws -> Int {
  do {
    return try bytes.withUnsafeBytes { try descriptor.write($0) }
  } catch Errno.resourceTemporarilyUnavailable {
    return 0
  }
}

func complain(_ message: String) {
  remark("jam-tee: \(message)")
}
