import Records
import SystemPackage

/// The exit status of a tool, with the numbers of sysexits(3).
public struct ExitStatus: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The tool is done, was stopped by a signal, or nobody reads its output any more.
  public static let done = ExitStatus(rawValue: 0)
  public static let usage = ExitStatus(rawValue: 64)
  public static let badData = ExitStatus(rawValue: 65)
  public static let missingFile = ExitStatus(rawValue: 66)
  /// There is no sequencer, or no such port.
  public static let unavailable = ExitStatus(rawValue: 69)
  public static let internalError = ExitStatus(rawValue: 70)
  public static let inputOutput = ExitStatus(rawValue: 74)
}

/// Why a tool ends early: its message on standard error, and its exit status.
public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The message without `tool: `; empty if there is nothing to say.
  public var message: String
  public var status: ExitStatus

  public init(_ message: String, status: ExitStatus) {
    self.message = message
    self.status = status
  }

  public var description: String { message }

  /// Nobody reads the output any more. That is how pipelines end, and no failure of this tool.
  public static let readerWentAway = Failure("", status: .done)

  public static func usage(_ message: String) -> Failure {
    Failure(message, status: .usage)
  }

  /// `<stdin>:17: expected a pitch 0 to 127 in "note", found "zz"`
  public static func badData(_ input: String, line: Int, _ message: String) -> Failure {
    Failure("\(input):\(line): \(message)", status: .badData)
  }

  public static func badData(_ input: String, _ message: String) -> Failure {
    Failure("\(input): \(message)", status: .badData)
  }

  public static func badData(_ input: String, _ error: RecordError) -> Failure {
    badData(input, line: error.line, error.message)
  }

  /// `cannot open <path>: No such file or directory`
  public static func missingFile(_ path: String, _ errno: Errno) -> Failure {
    Failure("cannot open \(path): \(errno)", status: .missingFile)
  }

  /// `cannot <operation>: No space left on device`
  public static func io(_ operation: String, _ errno: Errno) -> Failure {
    Failure("cannot \(operation): \(errno)", status: .inputOutput)
  }

  /// `cannot <operation>: <reason>`, where there is no sequencer or no such port.
  public static func unavailable(_ operation: String, _ reason: String) -> Failure {
    Failure("cannot \(operation): \(reason)", status: .unavailable)
  }

  /// An error that should not happen.
  public static func internalError(_ message: String) -> Failure {
    Failure(message, status: .internalError)
  }
}
