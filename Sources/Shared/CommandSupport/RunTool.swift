import ArgumentParser
import Glibc
import Records
import SystemPackage

/// The version of all tools.
public let version = "jamline 0.1.0"

/// Runs a tool: parses the arguments, runs the command, reports an error on standard error, and
/// exits with the documented status.
///
/// ```swift
/// runTool(PlanView.self)
/// ```
///
/// SIGPIPE is ignored, also in the programs that the tool starts. If a reader goes away, write(2)
/// fails, and the tool can still clean up.
public func runTool(
  _ command: any ParsableCommand.Type, arguments: [String]? = nil
) -> Never {
  signal(SIGPIPE, SIG_IGN)
  takeStandardDescriptors()
  let ending = ending(of: command, arguments: arguments)
  if !ending.message.isEmpty {
    let stream: FileDescriptor = ending.isAnswer ? .standardOutput : .standardError
    do {
      let message =
        ending.isAnswer ? ending.message : ending.message.printable(keepingNewlines: true)
      _ = try stream.writeAll(FileName.bytes(of: message + "\n"))
    } catch Errno.brokenPipe {
    } catch {
      exit(ExitStatus.inputOutput.rawValue)
    }
  }
  exit(ending.status.rawValue)
}

/// Opens /dev/null for each standard descriptor that is closed: the next file opened would be taken
/// for it. The mode is the wrong one, so that the first read or write fails.
private func takeStandardDescriptors() {
  for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
    _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
  }
}

/// How a command ended.
struct Ending: Equatable {
  var status: ExitStatus
  /// Without the last newline; empty if there is none.
  var message: String
  /// Whether the message was asked for, as with --help. Then it goes to standard output.
  var isAnswer = false
}

/// Runs a command to its end.
/// - Parameter arguments: nil for the arguments of the process.
func ending(of command: any ParsableCommand.Type, arguments: [String]?) -> Ending {
  let tool = command.configuration.commandName ?? executableName
  do {
    let arguments = arguments ?? FileName.arguments
    var parsed = try command.parseAsRoot(joiningNegativeNumbers(arguments))
    try parsed.run()
    return Ending(status: .done, message: "")
  } catch let failure as Failure {
    // It is one line, whatever the input that it quotes contains.
    let line = failure.message.printable()
    let message = line.isEmpty ? "" : "\(tool): \(line)"
    return Ending(status: failure.status, message: message)
  } catch let errno as Errno {
    return Ending(status: .inputOutput, message: "\(tool): \(errno)")
  } catch {
    return ending(of: command, tool: tool, error: error)
  }
}

/// Joins an option and the negative number after it: `--offset -100` becomes `--offset=-100`.
/// ArgumentParser would take the number for an option. What follows `--` stays as it is.
func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
  var joined: [String] = []
  for (index, argument) in arguments.enumerated() {
    if joined.contains("--") { return joined + arguments[index...] }
    let isNumber = argument.first == "-" && Double(argument)?.isFinite ?? false
    if isNumber, let option = joined.last, option.hasPrefix("--"), !option.contains("=") {
      joined[joined.count - 1] += "=" + argument
    } else {
      joined.append(argument)
    }
  }
  return joined
}

private var executableName: String {
  CommandLine.arguments.first.flatMap { FilePath($0).lastComponent?.string } ?? "jamline"
}

/// The ending for an error of ArgumentParser, or for any other that is no `Failure`.
private func ending(
  of command: any ParsableCommand.Type, tool: String, error: any Error
) -> Ending {
  let code = command.exitCode(for: error)
  let message = command.fullMessage(for: error)
  switch code {
  case .success: return Ending(status: .done, message: message, isAnswer: true)
  case .validationFailure:
    // The name of the tool replaces "Error: ".
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
