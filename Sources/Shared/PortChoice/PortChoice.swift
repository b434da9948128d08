import ArgumentParser
import CommandSupport
import Glibc
import Sequencer
import SystemPackage

/// The options that say which ports of the sequencer a tool uses. Without them the environment may
/// name ports.
public struct PortChoice: ParsableArguments {
  @Option(
    help: ArgumentHelp("Use a port: its number or its name. Repeatable.", valueName: "port"))
  var port: [String] = []
  @Option(
    defaultAsFlag: ownName, parsing: .next,
    help: ArgumentHelp("Make a port that others connect to.", valueName: "name"))
  var virtual: String?
  @Flag(help: "List the ports that can be used.")
  public var list = false
  @Flag(help: "List as JSON.")
  public var json = false
  @Flag(help: "Wait for a port that is not there yet.")
  public var wait = false

  /// The default value of --virtual, as --help shows it.
  private static let ownName = "the tool's name"

  public init() {}

  /// Whether an option asks for ports.
  public var isGiven: Bool { !port.isEmpty || virtual != nil }

  /// The given options that only make sense with ports.
  public var portOnly: [String] { wait ? ["--wait"] : [] }

  /// Throws if the options exclude each other.
  /// - Parameter otherList: another option of the tool that lists something, and whether it is
  ///   given.
  public func check(otherList: (option: String, isGiven: Bool)? = nil) throws {
    if virtual != nil, !port.isEmpty {
      throw ValidationError("--port and --virtual exclude each other")
    }
    if virtual?.isEmpty ?? false { throw ValidationError("--virtual is an empty name") }
    if json, !list, otherList?.isGiven != true {
      let lists = ["--list", otherList?.option].compactMap(\.self)
      throw ValidationError("--json is for \(lists.joined(separator: " and "))")
    }
    if virtual != nil, wait { throw ValidationError("--wait is for --port") }
  }

  /// The names of ports from the options, or otherwise from an environment variable, separated by
  /// commas. Empty for a port of the tool itself.
  public func names(orIn variable: String) -> [String] {
    if isGiven { return port }
    guard let value = getenv(variable).map({ String(cString: $0) }) else { return [] }
    return value.split(separator: ",").map { name in
      String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// The name of the tool's client.
  public func clientName(of tool: String) -> String {
    virtual.flatMap { $0 == Self.ownName ? nil : $0 } ?? tool
  }

  /// Writes the ports that can be used to standard output.
  public func writeList(for direction: SequencerClient.Direction) throws(Failure) {
    do throws(SequencerError) {
      let ports = try SequencerClient.open(name: "list").ports().filter {
        direction == .input ? $0.isSource : $0.isDestination
      }
      let text = json ? PortList.json(ports) : PortList.text(ports)
      _ = try? FileDescriptor.standardOutput.writeAll(text.utf8)
    } catch {
      throw .unavailable(error)
    }
  }
}

extension Failure {
  /// A failure for an error of the sequencer.
  public static func unavailable(_ error: SequencerError) -> Failure {
    Failure(error.description, status: .unavailable)
  }
}
