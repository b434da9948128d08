import CommandSupport
import Glibc
import Music
import RealTime
import SystemPackage

/// Another tool that this one runs.
final class ToolProcess {
  let name: String
  private let process: pid_t
  /// As wait(2) tells it, once the tool has ended.
  private var ending: CInt?

  /// Starts the tool that lies in the same folder as this one, in a process group of its own: ctrl-C is
  /// for this tool alone, which ends the others in order.
  init(_ command: [String], input: FileDescriptor?, output: FileDescriptor?) throws(Failure) {
    name = command[0]
    let path = Self.folder.appending(name).string
    do throws(Errno) {
      process = try ChildProcess.start(
        path, command, separation: .group, input: input.map { .descriptor($0) } ?? .null,
        output: output.map { .descriptor($0) } ?? .null)
    } catch {
      throw .missingFile(path, error)
    }
  }

  /// Where this program lies.
  private static var folder: FilePath {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    // One byte is kept for the end of the string.
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let path = length > 0 ? FilePath(platformString: buffer) : FilePath(CommandLine.arguments[0])
    return path.removingLastComponent()
  }

  var isRunning: Bool {
    if ending == nil {
      var status: CInt = 0
      if waitpid(process, &status, WNOHANG) != 0 { ending = status }
    }
    return ending == nil
  }

  func signal(_ number: CInt) {
    // Once it was waited for, the number may be somebody else's.
    if isRunning { kill(process, number) }
  }

  /// Waits until it has ended; false if it has not by a time of CLOCK_MONOTONIC.
  func wait(until deadline: Microseconds) -> Bool {
    while isRunning {
      guard MonotonicClock.now < deadline else { return false }
      usleep(5_000)
    }
    return true
  }

  /// What went wrong, if it has ended otherwise than well.
  var failure: Failure? {
    guard let ending, ending != 0 else { return nil }
    let number = ending & 0x7f
    if number != 0 { return .internalError("\(name) was ended by signal \(number)") }
    let status = ending >> 8 & 0xff
    return Failure(
      "\(name) ended with status \(status)", status: ExitStatus(rawValue: status))
  }
}
