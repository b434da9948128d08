import Glibc
import SystemPackage

/// Says something on standard error while the music goes on: a line that nobody takes at once, or that
/// nobody is there to read, is left out.
public func remark(_ line: String) {
  remark((line + "\n").utf8)
}

/// The same of a whole line, with its end.
public func remark(_ line: some Sequence<UInt8>) {
  var ready = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
  guard poll(&ready, 1, 0) == 1 else { return }
  // A pipe that is ready takes so much without waiting.
  _ = try? FileDescriptor.standardError.writeAll(line.prefix(Int(PIPE_BUF)))
}
