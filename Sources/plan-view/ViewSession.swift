import CommandSupport
import Glibc
import Music
import RealTime
import Records
import SystemPackage

/// Reads the stream to its end and keeps the view up to date.
///
/// It reads its input whatever happens to the viewer: tee(1) waits for the slowest of its readers
/// and ends with one that goes away, and the music would end with it.
struct ViewSession: ~Copyable {
  private var input: Input
  private let stop: StopSignal
  private var outlet: Outlet
  /// The session, and how the person at the terminal wants to see it.
  private var scene: Scene
  private var view: any View
  /// The keys and signals of the terminal. Where there is a console, the view is a `ScreenView`.
  private var console: Console?
  private var pace: DrawingPace
  /// Whether something has changed since the last drawing.
  private var isChanged = true
  /// Whether the person has ended the view.
  private var isQuit = false
  /// The browsers that watch; nil without `--listen`.
  private let audience: Audience?

  /// How long the last drawing waits for a terminal whose output is held back by ctrl-S.
  private static let patience = Microseconds(500_000)

  init(
    input: consuming Input, stop: StopSignal, outlet: Outlet, view: any View,
    options: ViewOptions = ViewOptions(), framesPerSecond: Int, audience: Audience? = nil
  ) throws(Failure) {
    console =
      view is ScreenView
      ? try Console.open(output: outlet.descriptor, input: input.fileDescriptor) : nil
    self.input = input
    self.stop = stop
    self.outlet = outlet
    self.view = view
    scene = Scene(options: options)
    pace = DrawingPace(framesPerSecond: framesPerSecond)
    self.audience = audience
  }

  mutating func run() throws(Failure) {
    do throws(Failure) {
      defer { console?.end() }
      try show()
    } catch {
      // The terminal is given back as it was, if that can still be done.
      outlet.add(view.finish(scene))
      try? outlet.flush(patience: Self.patience)
      // The message must not wait for the end of the input, which may be hours away.
      complain(error)
      let end = Record(time: scene.state.time, event: .end(reason: error.message))
      scene.receive(end)
      audience?.receive(end, scene.state)
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
        try receive(line.record)
      case .end:
        try finish(patience: nil, stop: stop)
        return input.remarkBreakOff("plan-view")
      case .stopped:
        return try finish(patience: Self.patience)
      case .deadline, nil:
        try refresh()
        pause()
        try handleConsoleEvents()
      }
    }
    try leaveTheTerminal()
  }

  private mutating func receive(_ record: Record) throws(Failure) {
    outlet.add(view.receive(record, into: &scene))
    audience?.receive(record, scene.state)
    if case .header = record.event { console?.begin() }
    isChanged = true
    try refresh()
  }

  /// Ends the view on the terminal, while browsers may still watch.
  private mutating func leaveTheTerminal() throws(Failure) {
    guard !(view is NoView) else { return }
    try finish(patience: Self.patience, stop: stop)
    console?.end()
    console = nil
    view = NoView()
  }

  /// Draws if a drawing is due. It is skipped while the one before is not written, so that the next
  /// drawing shows the latest state.
  private mutating func refresh() throws(Failure) {
    let time = MonotonicClock.now
    if isChanged || view.isMoving, outlet.isEmpty, time >= pace.next(isChanged: isChanged) {
      let drawing = view.draw(scene, at: time)
      pace.recordRequest(at: time, hasDrawn: !drawing.isEmpty)
      outlet.add(drawing)
      isChanged = false
    }
    try outlet.flush()
    // No program waits for a file to be read, so a file can wait for a slow reader of the output.
    if outlet.isFull, isFile(input.fileDescriptor) {
      try outlet.flush(patience: nil, stop: stop)
    }
  }

  /// Draws the last state, after all that came before it.
  private mutating func finish(
    patience: Microseconds?, stop: StopSignal? = nil
  ) throws(Failure) {
    outlet.add(view.finish(scene))
    try outlet.flush(patience: patience, stop: stop)
  }

  /// Carries out the keys that the person has pressed and the signals of the terminal.
  private mutating func handleConsoleEvents() throws(Failure) {
    for event in console?.next() ?? [] {
      guard var screen = view as? ScreenView else { return }
      isChanged = true
      switch event {
      case .key("q"): isQuit = true
      case .key(let key): scene.options.press(key)
      case .changed: screen.forget()
      case .stop, .quit:
        outlet.add(screen.suspend())
        try outlet.flush(patience: Microseconds(200_000))
        if case .quit(let signal) = event {
          console?.end()
          raise(signal)
        }
        console?.suspendProcess()
        screen.forget()
      }
      view = screen
    }
  }

  /// Waits for input, for room in the output, for the person, or until a drawing is due.
  private mutating func pause() {
    var watches = [input.fileDescriptor, stop.fileDescriptor].map(Watch.reading)
    watches += console?.descriptors.map(Watch.reading) ?? []
    if !outlet.isEmpty { watches.append(.writing(outlet.descriptor)) }
    let isDrawingDue = (isChanged || view.isMoving) && outlet.isEmpty
    try? MonotonicClock.wait(
      for: watches, isDrawingDue ? .until(pace.next(isChanged: isChanged)) : .forever)
  }

  /// Reads and drops the rest of the input, until the input ends or a signal stops the tool.
  private func drain() {
    guard !isFile(input.fileDescriptor) else { return }
    let (input, stop) = (self.input.fileDescriptor, self.stop.fileDescriptor)
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let ready = try? MonotonicClock.wait(for: .reading(input), or: .reading(stop), .forever)
      guard let ready, !ready.second else { return }
      guard read(input.rawValue, &block, block.count) > 0 else { return }
    }
  }
}

private func complain(_ failure: Failure) {
  guard !failure.message.isEmpty else { return }
  remark("plan-view: \(failure.message)")
}

/// Whether a descriptor is open on a regular file, which no program waits to have read.
func isFile(_ descriptor: FileDescriptor) -> Bool {
  var status = stat()
  return fstat(descriptor.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}
