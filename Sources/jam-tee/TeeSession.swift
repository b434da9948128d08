import CommandSupport
import Glibc
import Music
import RealTime
import Records
import SystemPackage

/// Reads the stream and passes it on: to standard output, for which it waits, and to the branches,
/// for which it does not.
struct TeeSession: ~Copyable {
  private let branches: [Branch]
  private let stop: StopSignal
  /// At the end, the time that the input has after a signal, and then the branches.
  private let drainTimeout: Microseconds
  /// When reading ends after a signal; nil before a signal comes.
  private var deadline: Microseconds?
  private var cutter = LineCutter()
  private var ending = StreamEnding()
  /// Whether anybody reads standard output.
  private var isRead = true

  init(branches: [Branch], stop: StopSignal, drainTimeout: Microseconds) {
    self.branches = branches
    self.stop = stop
    self.drainTimeout = drainTimeout
  }

  /// Passes the stream on, and then waits some time for branches that lag.
  mutating func run() throws(Failure) {
    for branch in branches { try branch.start() }
    var failure: Failure?
    do throws(Failure) {
      try passOn()
    } catch {
      failure = error
    }
    for branch in branches { branch.finish() }
    let end = MonotonicClock.now + drainTimeout
    for branch in branches { branch.wait(until: end) }
    for branch in branches { branch.losses.map(complain) }
    if let failure { throw failure }
    // The branch reported its failure when it happened.
    if branches.contains(where: \.hasFailed) { throw Failure("", status: .inputOutput) }
  }

  /// Passes lines on until the input ends, nobody reads standard output any more, or the time after
  /// a signal is over.
  private mutating func passOn() throws(Failure) {
    var block = [UInt8](repeating: 0, count: 65_536)
    while isRead || stop.isRaised, let count = try read(into: &block), count > 0 {
      try passOn(cutter.feed(block[..<count]))
    }
    try passOn(cutter.finish())
    if isRead, !stop.isRaised, let line = ending.breakOff {
      remarkBreakOff("jam-tee", input: "<stdin>", line: line)
    }
  }

  /// Reads a block, and returns its length; nil when the time after a signal is over.
  private mutating func read(into block: inout [UInt8]) throws(Failure) -> Int? {
    do {
      while try wait(for: .reading(.standardInput)) {
        do {
          return try block.withUnsafeMutableBytes {
            try FileDescriptor.standardInput.read(into: $0)
          }
        } catch Errno.resourceTemporarilyUnavailable {
          // The input is non-blocking, and another reader was faster.
        }
      }
      return nil
    } catch {
      throw .io("read <stdin>", error as? Errno ?? .ioError)
    }
  }

  /// Writes each line at once. The branches get the lines afterwards, or as soon as standard output
  /// has no room.
  private mutating func passOn(_ lines: [UInt8]) throws(Failure) {
    guard !lines.isEmpty else { return }
    ending.follow(lines)
    var isShared = false
    defer { if !isShared { share(lines) } }
    var rest = lines[...]
    do {
      while isRead, let line = rest.firstLine {
        if try !hasRoom() {
          if !isShared { share(lines) }
          isShared = true
          guard try wait(for: .writing(.standardOutput)) else { return }
        }
        rest = rest.dropFirst(try writeSome(line.prefix(Limits.line), to: .standardOutput))
      }
    } catch Errno.brokenPipe {
      isRead = false
    } catch {
      throw .io("write to standard output", error as? Errno ?? .ioError)
    }
  }

  private func share(_ lines: [UInt8]) {
    for branch in branches { branch.append(lines) }
  }

  private func hasRoom() throws(Errno) -> Bool {
    try MonotonicClock.wait(for: .writing(.standardOutput), or: nil, .zero).first
  }

  /// Waits for standard input or output. Returns false when the time after a signal is over.
  ///
  /// A signal from a terminal goes to the whole pipeline. The writer of the input then ends its
  /// notes and its stream, so the input is read until it ends.
  private mutating func wait(for watch: Watch) throws(Errno) -> Bool {
    if deadline == nil {
      let ready = try MonotonicClock.wait(
        for: watch, or: .reading(stop.fileDescriptor), .forever)
      guard ready.second else { return true }
      deadline = MonotonicClock.now + drainTimeout
    }
    guard let deadline, MonotonicClock.now < deadline else { return false }
    return try MonotonicClock.wait(for: watch, or: nil, .until(deadline)).first
  }
}

extension ArraySlice<UInt8> {
  /// The bytes up to the first newline; nil if there are none.
  fileprivate var firstLine: ArraySlice? {
    guard !isEmpty else { return nil }
    let newline = withUnsafeBytes { $0.firstNewline() }
    return newline.map { self[...(startIndex + $0)] } ?? self
  }
}
