import CommandSupport
import Glibc
import Music
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
  /// Where there is one, the view is a `ScreenView`.
  private var console: Console?
  private var pace: DrawingPace
  private var isChanged = true
  /// The person has seen enough.
  private var isQuit = false
  /// The browsers that watch, if any may.
  private let audience: Audience?

  init(
    input: consuming Input, stop: StopSignal, outlet: Outlet, view: any View, framesPerSecond: Int,
    audience: Audience? = nil
  ) throws(Failure) {
    console =
      view is ScreenView
      ? try Console.open(output: outlet.descriptor, input: input.fileDescriptor) : nil
    self.input = input
    self.stop = stop
    self.outlet = outlet
    self.view = view
    pace = DrawingPace(framesPerSecond: framesPerSecond)
    self.audience = audience
  }

  mutating func run() throws(Failure) {
    do throws(Failure) {
      defer { console?.end() }
      try show()
    } catch {
      // The terminal is given back as it was, if it still can be.
      outlet.add(view.finish())
      try? outlet.flush(patienceMilliseconds: 500)
      // Said now: the input may last for hours.
      complain(error)
      audience?.receive(Record(time: .zero, event: .end(reason: error.message)))
      drain()
      throw Failure("", status: error.status)
    }
    if audience == nil, outlet.isClosed || isQuit { drain() }
  }

  private mutating func show() throws(Failure) {
    defer { audience?.finish() }
    while audience != nil || !(outlet.isClosed || isQuit) {
      if outlet.isClosed || isQuit { try leaveTheTerminal() }
      switch try input.nextWaiting() {
      case .line(let line):
        outlet.add(view.receive(line.record))
        audience?.receive(line.record)
        if case .header = line.record.event { console?.begin() }
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
        try attend()
      }
    }
    try leaveTheTerminal()
  }

  /// Nobody looks there any more. Browsers may.
  private mutating func leaveTheTerminal() throws(Failure) {
    guard !(view is NoView) else { return }
    try finish(patienceMilliseconds: 500)
    console?.end()
    console = nil
    view = NoView()
  }

  /// Draws when it is time. A drawing is skipped while the one before is not written: the latest
  /// state wins.
  private mutating func refresh() throws(Failure) {
    let time = now()
    if isChanged || view.isMoving, outlet.isEmpty, time >= pace.next(isChanged: isChanged) {
      let drawing = view.draw(at: time)
      pace.look(at: time, hasDrawn: !drawing.isEmpty)
      outlet.add(drawing)
      isChanged = false
    }
    try outlet.flush()
    // Nobody waits for a file to be read: then all can wait for a slow reader.
    if outlet.isFull, isFile(input.fileDescriptor) {
      try outlet.flush(patienceMilliseconds: -1, stop: stop)
    }
  }

  /// Draws the last state, after all that came before it.
  private mutating func finish(patienceMilliseconds: Int32) throws(Failure) {
    outlet.add(view.finish())
    try outlet.flush(patienceMilliseconds: patienceMilliseconds, stop: stop)
  }

  /// Does what the person at the terminal wants.
  private mutating func attend() throws(Failure) {
    for event in console?.next() ?? [] {
      guard var screen = view as? ScreenView else { return }
      isChanged = true
      switch event {
      case .key("q"): isQuit = true
      case .key(let key): screen.options.press(key)
      case .changed: screen.forget()
      case .stop, .quit:
        outlet.add(screen.suspend())
        try outlet.flush(patienceMilliseconds: 200)
        if case .quit(let signal) = event {
          console?.end()
          raise(signal)
        }
        console?.standStill()
        screen.forget()
      }
      view = screen
    }
  }

  /// Waits for input, for room for output that is kept, for the person, or until a drawing is due.
  private mutating func pause() {
    let (keys, notices) = console?.descriptors ?? (-1, -1)
    var watched = [input.fileDescriptor.rawValue, stop.fileDescriptor.rawValue, keys, notices].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    if !outlet.isEmpty {
      watched.append(
        pollfd(fd: outlet.descriptor.rawValue, events: Int16(POLLOUT), revents: 0))
    }
    let isDrawingDue = (isChanged || view.isMoving) && outlet.isEmpty
    let due = pace.next(isChanged: isChanged)
    let microseconds = isDrawingDue ? max(0, (due - now()).rawValue) : -1
    let milliseconds = microseconds < 0 ? -1 : Int32((microseconds + 999) / 1000)
    poll(&watched, nfds_t(watched.count), milliseconds)
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
  remark("plan-view: \(failure.message)")
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
