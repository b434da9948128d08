import CommandSupport
import Glibc
import Music
import RealTime
import SystemPackage

/// A pipeline of running tools.
struct ToolPipe: ~Copyable {
  /// The time that the tools have to end by themselves, and then after each stronger signal.
  private static let exitTimeout = Microseconds(3_000_000)

  private var tools: [ToolProcess] = []
  /// Where the first tool reads from; nil if it reads nothing.
  private(set) var input: FileDescriptor?
  /// Where the output of the last tool is read; nil if it is dropped.
  private(set) var output: FileDescriptor?

  /// - Parameters:
  ///   - isFed: whether the first tool reads from `input`.
  ///   - isRead: whether the output of the last tool goes to `output`.
  init(_ commands: [[String]], isFed: Bool = false, isRead: Bool = false) throws(Failure) {
    var next: FileDescriptor?
    if isFed {
      let pipe = try FileDescriptor.privatePipe()
      (next, input) = (pipe.readEnd, pipe.writeEnd)
    }
    do throws(Failure) {
      for (index, command) in commands.enumerated() {
        next = try start(command, reads: next, isRead: isRead || index + 1 < commands.count)
      }
    } catch {
      finish()
      throw error
    }
    output = next
  }

  /// Starts the next tool, and returns where its output can be read.
  private mutating func start(
    _ command: [String], reads: FileDescriptor?, isRead: Bool
  ) throws(Failure) -> FileDescriptor? {
    let pipe = isRead ? try FileDescriptor.privatePipe() : nil
    defer {
      try? reads?.close()
      try? pipe?.writeEnd.close()
    }
    tools.append(
      try ToolProcess(command, input: reads, output: pipe?.writeEnd))
    return pipe?.readEnd
  }

  /// Throws if a tool has ended by itself.
  func check() throws(Failure) {
    for tool in tools where !tool.isRunning {
      throw tool.failure ?? .internalError("\(tool.name) ended by itself")
    }
  }

  /// Ends the tools in order, from the first on. Throws if one of them failed.
  mutating func end() throws(Failure) {
    finish()
    let failure = tools.lazy.compactMap(\.failure).first
    (tools, input) = ([], nil)
    if let failure { throw failure }
  }

  deinit {
    finish()
    try? output?.close()
  }

  private func finish() {
    if let input { try? input.close() } else { tools.first?.signal(SIGINT) }
    for number in [SIGTERM, SIGKILL, 0] {
      let deadline = MonotonicClock.now + Self.exitTimeout
      let areGone = tools.allSatisfy { $0.wait(until: deadline) }
      if areGone { return }
      for tool in tools { tool.signal(number) }
    }
  }
}
