import CommandSupport
import Music
import RealTime
import Records

/// The computer's keyboard as an instrument.
struct TerminalKeyboard: Instrument, ~Copyable {
  private let terminal: KeyInputTerminal
  private var keyboard: Keyboard
  private var performance: KeyboardPerformance
  private(set) var hasQuit = false

  static func open(
    channel: Channel, _ performance: KeyboardPerformance
  ) throws(Failure) -> TerminalKeyboard {
    TerminalKeyboard(try KeyInputTerminal.open(), Keyboard(channel: channel), performance)
  }

  private init(
    _ terminal: consuming KeyInputTerminal, _ keyboard: Keyboard, _ performance: KeyboardPerformance
  ) {
    self.terminal = terminal
    self.keyboard = keyboard
    self.performance = performance
  }

  var header: Header { performance.header }
  var readiness: CInt { terminal.fileDescriptor.rawValue }
  var nextDeadline: Microseconds? { performance.nextDeadline }

  mutating func play(
    until time: Microseconds, isReadable: Bool, epoch: Epoch, into records: inout RecordBatch
  ) throws(Failure) {
    performance.advance(to: time, into: &records)
    guard isReadable else { return }
    let bytes = try terminal.read()
    // The terminal was closed.
    if bytes.isEmpty { hasQuit = true }
    for byte in bytes {
      switch keyboard.receive(byte) {
      case .press(let note)?: performance.press(note, at: time, into: &records)
      case .release?: performance.release(at: time, into: &records)
      case .quit?: hasQuit = true
      case nil: break
      }
    }
  }

  mutating func end(
    at time: Microseconds, reason: String, epoch: Epoch, into records: inout RecordBatch
  ) {
    performance.end(at: time, reason: reason, into: &records)
  }
}
