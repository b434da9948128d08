import CommandSupport
import Glibc
import Music
import RealTime
import SystemPackage

/// Tools that run, each reading what the one before writes.
struct ToolPipe: ~Copyable {
  /// How long they have to end by themselves, and then each time they are told more strongly.
  private static let patience = Microseconds(3_000_000)

  private var tools: [ToolProcess] = []
  /// What the first reads; nil where that is nothing.
  private(set) var input: FileDescriptor?
  /// What the last writes; nil where nobody wants to know.
  private(set) var output: FileDescriptor?

  /// - Parameters:
  ///   - isFed: whether the first reads what is written to `input`.
  ///   - isRead: whether what the last writes can be read from `output`.
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

  /// Starts the next tool, and gives what it writes.
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

  /// Throws if one of them has ended by itself.
  func check() throws(Failure) {
    for tool in tools where !tool.isRunning {
      throw tool.failure ?? .internalError("\(tool.name) ended by itself")
    }
  }

  /// Ends them in order, the first first, and throws what went wrong with one.
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
      let deadline = MonotonicClock.now + Self.patience
      let areGone = tools.allSatisfy { $0.wait(until: deadline) }
      if areGone { return }
      for tool in tools { tool.signal(number) }
    }
  }
}
