import CommandSupport
import Glibc
import Records
import SystemPackage

/// Reads the stream to its end and keeps the view up to date. Whatever happens to the viewer, its
/// input is read: tee(1) waits for the slowest of its readers and dies with one that went away, and
/// the music with it.
struct Session: ~Copyable {
  private var input: Input
  private let stop: StopSignal
  private var outlet: Outlet
  private var view: any View
  /// Between two drawings.
  private let interval: Microseconds
  private var lastDrawing = Microseconds(.min / 2)
  private var isChanged = true
  /// The browsers that watch, if any may.
  private let audience: Audience?

  init(
    input: consuming Input, stop: StopSignal, outlet: Outlet, view: any View, framesPerSecond: Int,
    audience: Audience? = nil
  ) {
    self.input = input
    self.stop = stop
    self.outlet = outlet
    self.view = view
    self.audience = audience
    interval = Microseconds(Int64(1_000_000 / framesPerSecond))
  }

  mutating func run() throws(Failure) {
    do throws(Failure) {
      try show()
    } catch {
      // Said now: the input may last for hours.
      complain(error)
      audience?.receive(Record(time: .zero, event: .end(reason: error.message)))
      drain()
      throw Failure("", status: error.status)
    }
    if outlet.isClosed, audience == nil { drain() }
  }

  private mutating func show() throws(Failure) {
    defer { audience?.finish() }
    while !outlet.isClosed || audience != nil {
      switch try input.nextWaiting() {
      case .line(let line):
        outlet.add(view.receive(line.record))
        audience?.receive(line.record)
        isChanged = true
        try refresh()
      case .end:
        return try finish(patienceMilliseconds: -1)
      case .stopped:
        // Who has stopped the terminal by ctrl-S gets a moment.
        return try finish(patienceMilliseconds: 500)
      case .deadline, nil:
        try refresh()
        pause()
      }
    }
  }

  /// Draws when it is time. A drawing is skipped while the one before is not written: the latest
  /// state wins.
  private mutating func refresh() throws(Failure) {
    if isChanged, outlet.isEmpty, now() >= nextDrawing {
      outlet.add(view.draw())
      isChanged = false
      lastDrawing = now()
    }
    try outlet.flush()
    // Nobody waits for a file to be read: then all can wait for a slow reader.
    if outlet.isFull, isFile(input.fileDescriptor) {
      try outlet.flush(patienceMilliseconds: -1)
    }
  }

  private var nextDrawing: Microseconds { lastDrawing + interval }

  /// Draws the last state, after all that came before it.
  private mutating func finish(patienceMilliseconds: Int32) throws(Failure) {
    outlet.add(view.finish())
    try outlet.flush(patienceMilliseconds: patienceMilliseconds)
  }

  /// Waits for input, for room for output that is kept, or until a drawing is due.
  private func pause() {
    var watched = [
      pollfd(fd: input.fileDescriptor.rawValue, events: Int16(POLLIN), revents: 0),
      pollfd(fd: stop.fileDescriptor.rawValue, events: Int16(POLLIN), revents: 0),
      pollfd(fd: outlet.descriptor.rawValue, events: Int16(POLLOUT), revents: 0),
    ]
    let isDrawingDue = isChanged && outlet.isEmpty
    let microseconds = isDrawingDue ? max(0, (nextDrawing - now()).rawValue) : -1
    let milliseconds = microseconds < 0 ? -1 : Int32((microseconds + 999) / 1000)
    poll(&watched, outlet.isEmpty ? 2 : 3, milliseconds)
  }

  /// Reads on without looking, until the input ends or the viewer is stopped.
  private func drain() {
    guard !isFile(input.fileDescriptor) else { return }
    var watched = [
      pollfd(fd: input.fileDescriptor.rawValue, events: Int16(POLLIN), revents: 0),
      pollfd(fd: stop.fileDescriptor.rawValue, events: Int16(POLLIN), revents: 0),
    ]
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      poll(&watched, 2, -1)
      guard watched[1].revents == 0 else { return }
      guard read(watched[0].fd, &block, block.count) > 0 else { return }
    }
  }
}

private func complain(_ failure: Failure) {
  guard !failure.message.isEmpty else { return }
  _ = try? FileDescriptor.standardError.writeAll("plan-view: \(failure.message)\n".utf8)
}

private func isFile(_ descriptor: FileDescriptor) -> Bool {
  var status = stat()
  return fstat(descriptor.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// CLOCK_MONOTONIC.
private func now() -> Microseconds {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Microseconds(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
}
