import Foundation
import StreamChecking

/// A tool wrote a stream that breaks rules of jam-stream(5).
public struct BrokenStream: Error {
  public var breaches: [Breach]
}

/// Runs the built tools the way a shell does.
public struct ToolRunner {
  /// What a command left.
  public struct Outcome {
    public var output: Data
    public var error: String
    public var status: Int32

    /// Standard output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
    /// Standard output's lines.
    public var lines: [String] { text.split(separator: "\n").map(String.init) }
  }

  /// The folder of the tools that were built along with the tests.
  public static let binaries: URL = {
    // Somebody wants others to be tested: those of the release, say.
    if let folder = ProcessInfo.processInfo.environment["JAMLINE_TOOLS"] {
      return URL(fileURLWithPath: folder)
    }
    // The test bundle lies beside the tools: .build/debug/jamlinePackageTests.xctest.
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    return bundle?.bundleURL.deletingLastPathComponent()
      ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  }()

  /// The root of the package.
  public static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// What commands are run with: the tools first in PATH, and the package's root as JAMLINE_ROOT.
  public static let environment: [String: String] = {
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = binaries.path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["JAMLINE_ROOT"] = root.path
    return environment
  }()

  /// Runs a shell command line with the tools first in PATH and the package's root as
  /// JAMLINE_ROOT, in `folder` (the root by default), and waits for it.
  public static func shell(
    _ command: String, input: Data = Data(), folder: URL = root
  ) throws -> Outcome {
    let process = Process()
    // A tool that hangs fails its test (status 124) instead of holding up all of them.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["300", "/bin/bash", "-o", "pipefail", "-c", command]
    process.currentDirectoryURL = folder
    process.environment = environment
    // Files instead of pipes: no amount of output can block the command.
    return try withTemporaryFolder { scratch in
      let files = ["input", "output", "error"].map { scratch.appendingPathComponent($0) }
      try input.write(to: files[0])
      for file in files.dropFirst() {
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
      }
      process.standardInput = try FileHandle(forReadingFrom: files[0])
      process.standardOutput = try FileHandle(forWritingTo: files[1])
      process.standardError = try FileHandle(forWritingTo: files[2])
      // Tests run on threads that block signals, which children would inherit.
      var all = sigset_t()
      sigfillset(&all)
      pthread_sigmask(SIG_UNBLOCK, &all, nil)
      try process.run()
      process.waitUntilExit()
      let signalled = process.terminationReason == .uncaughtSignal
      let output = try Data(contentsOf: files[1])
      if process.terminationStatus == 0 { try checkStream(output) }
      return Outcome(
        output: output,
        error: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self),
        status: signalled ? 128 + process.terminationStatus : process.terminationStatus)
    }
  }

  /// Throws if output that is a stream breaks a rule of jam-stream(5). Streams of tests may be cut
  /// short, and their agents may miss ticks.
  private static func checkStream(_ output: Data) throws {
    guard output.starts(with: #"{"t":"#.utf8), output.prefix(100).firstRange(of: header) != nil
    else { return }
    var check = StreamCheck()
    let lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var breaches: [Breach] = []
    // Commands of tests may print other lines, and several streams.
    for line in lines.dropLast() where line.first == UInt8(ascii: "{") {
      if line.prefix(100).firstRange(of: header) != nil { check = StreamCheck() }
      breaches += check.receive(Array(line)).filter { $0.rule != .missed }
    }
    if !breaches.isEmpty { throw BrokenStream(breaches: breaches) }
  }

  private static let header = Data(#""type":"header""#.utf8)

  /// Gives a fresh folder, and removes it afterwards.
  public static func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("jamline-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
