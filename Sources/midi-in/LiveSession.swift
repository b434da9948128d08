import CommandSupport
import RealTime
import Records

/// Something that is played live: the keys of a terminal. A MIDI port will be another.
protocol Instrument: ~Copyable {
  /// Readable when something was played.
  var readiness: CInt { get }

  /// What was played, once it is readable; `quit` at its end.
  mutating func read() throws(Failure) -> [Keyboard.Action]
}

/// The computer's keyboard as an instrument.
struct TerminalKeyboard: Instrument, ~Copyable {
  private let terminal: Terminal
  private var keyboard: Keyboard

  static func open(channel: Channel) throws(Failure) -> TerminalKeyboard {
    TerminalKeyboard(try Terminal.open(), Keyboard(channel: channel))
  }

  private init(_ terminal: consuming Terminal, _ keyboard: Keyboard) {
    self.terminal = terminal
    self.keyboard = keyboard
  }

  var readiness: CInt { terminal.fileDescriptor.rawValue }

  mutating func read() throws(Failure) -> [Keyboard.Action] {
    let bytes = try terminal.read()
    guard !bytes.isEmpty else { return [.quit] }
    var actions: [Keyboard.Action] = []
    for byte in bytes {
      if let action = keyboard.receive(byte) { actions.append(action) }
    }
    return actions
  }
}

/// Plays an instrument in real time until its player or a signal ends it.
struct LiveSession: ~Copyable {
  private var performance: LivePerformance
  private var output: Output
  private let stop: StopSignal
  private let epoch: Epoch
  private var hasQuit = false

  init(_ performance: LivePerformance, stop: StopSignal) {
    self.performance = performance
    self.stop = stop
    output = Output(stop: stop)
    MonotonicClock.sharpen()
    epoch = .now()
  }

  mutating func play(_ instrument: inout some Instrument & ~Copyable) throws(Failure) {
    try writeHeader()
    while !hasQuit, let wakeup = wait(for: instrument) {
      let time = epoch.streamTime(at: wakeup.time)
      try write(performance.advance(to: time))
      guard wakeup.isReadable else { continue }
      for action in try instrument.read() { try write(take(action, at: time)) }
    }
    let now = epoch.streamTime(at: MonotonicClock.now)
    try write(performance.advance(to: now))
    try write(performance.end(at: now, reason: hasQuit ? "quit" : .stopped))
  }

  private func wait(for instrument: borrowing some Instrument & ~Copyable) -> Wakeup? {
    MonotonicClock.wait(
      until: performance.nextDeadline.map(epoch.clockTime), stop: stop.fileDescriptor.rawValue,
      input: instrument.readiness, output: output.fileDescriptor.rawValue)
  }

  private mutating func take(_ action: Keyboard.Action, at time: Microseconds) -> [Record] {
    switch action {
    case .strike(let note): return performance.strike(note, at: time)
    case .release: return performance.release(at: time)
    case .quit:
      hasQuit = true
      return []
    }
  }

  private mutating func writeHeader() throws(Failure) {
    var header = performance.header
    header.epoch = epoch.monotonic
    header.wall = epoch.wall
    try output.write(Record(time: .zero, event: .header(header)))
  }

  private mutating func write(_ records: [Record]) throws(Failure) {
    for record in records { try output.write(record) }
  }
}
