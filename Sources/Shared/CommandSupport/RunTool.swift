import ArgumentParser
import Glibc
import SystemPackage

/// The version of all tools.
public let version = "jamline 0.1.0"

/// The whole life of a tool: parses the arguments, runs the command, says on standard error what went
/// wrong, and exits with the documented status.
///
/// ```swift
/// runTool(PlanView.self)
/// ```
///
/// SIGPIPE is ignored from here on, also in the programs that the tool starts: a reader that goes
/// away is an error of write(2), after which the tool can still clean up.
public func runTool(
  _ command: any ParsableCommand.Type, arguments: [String]? = nil
) -> Never {
  signal(SIGPIPE, SIG_IGN)
  takeStandardDescriptors()
  let ending = ending(of: command, arguments: arguments)
  if !ending.message.isEmpty {
    let stream: FileDescriptor = ending.isAnswer ? .standardOutput : .standardError
    do {
      _ = try stream.writeAll((ending.message + "\n").utf8)
    } catch Errno.brokenPipe {
    } catch {
      exit(ExitStatus.inputOutput.rawValue)
    }
  }
  exit(ending.status.rawValue)
}

/// Started with standard input or output closed, the next file opened would be taken for it. What
/// stands in for it cannot be read, or written: the first try says so.
private func takeStandardDescriptors() {
  for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
    _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
  }
}

/// How a tool ended.
struct Ending: Equatable {
  var status: ExitStatus
  /// Without the last newline; empty where nothing is said.
  var message: String
  /// Whether the message is what was asked for, as by --help, and goes to standard output.
  var isAnswer = false
}

/// Runs a command to its end; nil stands for the arguments of the process.
func ending(of command: any ParsableCommand.Type, arguments: [String]?) -> Ending {
  let tool = command.configuration.commandName ?? executableName
  do {
    var parsed = try command.parseAsRoot(arguments)
    try parsed.run()
    return Ending(status: .done, message: "")
  } catch let failure as Failure {
    let message = failure.message.isEmpty ? "" : "\(tool): \(failure.message)"
    return Ending(status: failure.status, message: message)
  } catch let errno as Errno {
    return Ending(status: .inputOutput, message: "\(tool): \(errno)")
  } catch {
    return ending(of: command, tool: tool, error: error)
  }
}

private var executableName: String {
  CommandLine.arguments.first.flatMap { FilePath($0).lastComponent?.string } ?? "jamline"
}

/// What ArgumentParser has to say, or an error that nobody made a `Failure` of.
private func ending(
  of command: any ParsableCommand.Type, tool: String, error: any Error
) -> Ending {
  let code = command.exitCode(for: error)
  let message = command.fullMessage(for: error)
  switch code {
  case .success: return Ending(status: .done, message: message, isAnswer: true)
  case .validationFailure:
    // "Error: " says less than who it is that complains.
    let prefix = "Error: "
    let text = message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message
    return Ending(status: .usage, message: "\(tool): \(text)")
  default:
    if error is ExitCode {
      return Ending(status: ExitStatus(rawValue: code.rawValue), message: "")
    }
    return Ending(status: .internalError, message: "\(tool): \(error)")
  }
}
