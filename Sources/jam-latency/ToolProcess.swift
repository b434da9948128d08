import CommandSupport
import Glibc
import Music
import RealTime
import SystemPackage

/// A tool that this one runs.
final class ToolProcess {
  let name: String
  private let process: pid_t
  /// The status that wait(2) gives; nil while the tool runs.
  private var ending: CInt?

  /// Starts a tool from the folder of this one, in a process group of its own: ctrl-C reaches only
  /// this tool, which then ends the others in order.
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

  /// The folder of this program.
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
    // The number of a process that has ended may belong to another one.
    if isRunning { kill(process, number) }
  }

  /// Waits until the tool has ended. Returns false if it has not by a time of CLOCK_MONOTONIC.
  func wait(until deadline: Microseconds) -> Bool {
    while isRunning {
      guard MonotonicClock.now < deadline else { return false }
      _ = MonotonicClock.wait(until: MonotonicClock.now + Microseconds(5_000))
    }
    return true
  }

  /// Why the tool failed; nil if it did not.
  var failure: Failure? {
    guard let ending, ending != 0 else { return nil }
    let number = ending & 0x7f
    if number != 0 { return .internalError("\(name) was ended by signal \(number)") }
    let status = ending >> 8 & 0xff
    return Failure(
      "\(name) ended with status \(status)", status: ExitStatus(rawValue: status))
  }
}
