import CommandSupport
import Glibc
import Music
import RealTime
import Records
import SystemPackage

/// A file that gets a copy of the stream. It has a thread of its own, so a disk that hangs or a
/// pipe that nobody reads holds up nothing else.
final class Branch: Sendable {
  private struct State {
    var queue: BranchQueue
    /// How many lines are being written.
    var lineCountUnderway = 0
    /// Nothing will be added any more.
    var isFinished = false
    /// The thread has ended: all is written, or the branch was given up.
    var isDone = false
    var isGivenUp = false
    /// Whether it was given up because of a failure. A reader that goes away is none.
    var hasFailed = false
  }

  private let path: String
  private let stop: StopSignal
  /// Nil for a named pipe: the thread opens it, because that may wait for a reader.
  private let opened: FileDescriptor?
  private let state: Monitor<State>

  /// Opens and empties the file. So a wrong name is reported before the music begins. The file that
  /// is the stream's input or output is refused: emptying it would destroy it.
  init(path: String, queue: BranchQueue, stop: StopSignal) throws(Failure) {
    self.path = path
    self.stop = stop
    state = Monitor(State(queue: queue))
    var status = stat()
    let exists = FilePath(name: path).withPlatformString { stat($0, &status) } == 0
    let isPipe = exists && status.st_mode & S_IFMT == S_IFIFO
    if exists, status.st_mode & S_IFMT == S_IFREG {
      for (descriptor, name) in [(STDIN_FILENO, "input"), (STDOUT_FILENO, "output")]
      where status.isFile(of: descriptor) {
        throw .usage("\(path) is the standard \(name): expected another file")
      }
    }
    do throws(Errno) {
      opened = isPipe ? nil : try openForWriting(path)
    } catch {
      throw .io("write to \(path)", error)
    }
  }

  /// Starts the thread.
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

  /// Adds lines, without waiting.
  func append(_ lines: [UInt8]) {
    state.withValue { state in
      if !state.isDone { state.queue.append(lines) }
    }
  }

  /// Says that no lines will be added any more.
  func finish() {
    state.withValue { $0.isFinished = true }
  }

  /// Waits until all lines are written, or until a time of CLOCK_MONOTONIC.
  func wait(until deadline: Microseconds) {
    state.wait(until: deadline) { $0.isDone }
  }

  /// Whether writing failed.
  var hasFailed: Bool { state.withValue { $0.hasFailed } }

  /// A message that counts the lines that the file lacks; nil if it lacks none.
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
    // The bytes written, and how many of them are whole lines.
    var (written, whole) = (0, 0)
    do {
      try writeLines(to: descriptor, &written, &whole)
    } catch {
      // Where there was no room for a line, its beginning goes, too. A pipe has no length.
      if whole < written { _ = ftruncate(descriptor.rawValue, off_t(whole)) }
      throw error
    }
  }

  private func writeLines(
    to descriptor: FileDescriptor, _ written: inout Int, _ whole: inout Int
  ) throws {
    while waitForLines() {
      // Lines that are taken out can't be dropped any more, so they stay in the queue until there
      // is room for them.
      try waitForRoom(descriptor)
      guard let batch = takeBatch() else { return }
      var rest = batch.bytes[...]
      while !rest.isEmpty {
        let count = try writeSome(rest.prefix(Limits.line), to: descriptor)
        let newline = rest.prefix(count).lastIndex(of: UInt8(ascii: "\n"))
        if let newline { whole = written + newline + 1 - rest.startIndex }
        written += count
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Waits for lines to write. Returns false when all are written and no more will come.
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
    // After a signal to the whole pipeline, viewers end before this tool does.
    if error == .brokenPipe, stop.isRaised { return }
    complain("cannot write to \(path): \(error)")
  }
}

extension stat {
  /// Whether it describes the file that a descriptor is open for.
  fileprivate func isFile(of descriptor: CInt) -> Bool {
    var other = stat()
    return fstat(descriptor, &other) == 0 && other.st_dev == st_dev && other.st_ino == st_ino
  }
}

/// Opens a file to be written line by line: at any moment it is whole up to its last line.
private func openForWriting(_ path: String) throws(Errno) -> FileDescriptor {
  do {
    return try FileDescriptor.open(
      FilePath(name: path), .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
  } catch {
    throw error as? Errno ?? .ioError
  }
}

/// Waits until a write of a whole line will not block. A pipe that is ready has room for one.
private func waitForRoom(_ descriptor: FileDescriptor) throws(Errno) {
  _ = try MonotonicClock.wait(for: .writing(descriptor), or: nil, .forever)
}

/// Writes as many bytes as there is room for, and returns their number. It is 0 if the descriptor
/// is non-blocking and another writer was faster.
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
