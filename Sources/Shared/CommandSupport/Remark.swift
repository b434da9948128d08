import Glibc
import RealTime
import Records
import SystemPackage

/// Writes a line to standard error without holding up the music: a line is left out if nobody is
/// there to read it, or if the reader has no room for it now.
public func remark(_ line: String) {
  remark(FileName.bytes(of: line.printable(keepingNewlines: true) + "\n"))
}

/// Says, as `remark(_:)` does, that a stream ended without an `end` record: a program that wrote it
/// failed, or a recording is incomplete.
///
/// - Parameters:
///   - tool: the name of the program that says so.
///   - input: the name of what was read.
///   - line: the number of the last line.
public func remarkBreakOff(_ tool: String, input: String, line: Int) {
  remark("\(tool): \(input):\(line): the stream breaks off here, without an \"end\" record")
}

/// Writes a whole line with its newline, as `remark(_:)` of a string does.
public func remark(_ line: some Sequence<UInt8>) {
  let ready = try? MonotonicClock.wait(for: .writing(.standardError), or: nil, .zero)
  guard ready?.first ?? false else { return }
  // A pipe that is ready takes this much without waiting.
  _ = try? FileDescriptor.standardError.writeAll(line.prefix(Int(PIPE_BUF)))
}
