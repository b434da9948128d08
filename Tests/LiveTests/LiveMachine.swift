import Foundation
import RealTime
import TestSupport
import Testing

/// The virtual machine that these tests need. It has a sequencer, and its clock counts
/// instructions, so that figures are exact however busy the host is. `Scripts/test-alsa` starts it
/// and sets JAMLINE_SEQUENCER. Anywhere else these tests are skipped.
enum LiveMachine {
  static let isHere = ProcessInfo.processInfo.environment["JAMLINE_SEQUENCER"] != nil

  /// CLOCK_MONOTONIC, in microseconds.
  static var now: Int64 { MonotonicClock.now.rawValue }

  /// Lets virtual time pass.
  static func pass(seconds: Double) { usleep(UInt32(seconds * 1_000_000)) }

  /// Waits until a condition holds. Returns false if it does not within some seconds.
  static func wait(atMost seconds: Double = 20, until isSo: () throws -> Bool) rethrows -> Bool {
    let end = now + Int64(seconds * 1_000_000)
    while try !isSo() {
      guard now < end else { return false }
      usleep(20_000)
    }
    return true
  }
}

/// A shell pipeline that runs beside a test.
final class Pipeline {
  let folder: URL
  private let process = Process()

  /// Starts a command in a shell. Its working directory is `folder`, which has the given files.
  init(_ command: String, files: [String: Data] = [:]) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("jamline-live-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = folder
    process.environment = ToolRunner.environment
    let errors = folder.appendingPathComponent("errors")
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    process.standardInput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: errors)
    // Tests run on threads that block signals, which children would inherit.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(at: folder)
  }

  var pid: pid_t { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  /// Waits for the end, and returns the exit status.
  func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  func data(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent(name))
  }

  /// Opens a named pipe in its folder as soon as it exists, and shrinks it to one page.
  func openNarrow(_ pipe: String) throws -> FileHandle {
    let path = folder.appendingPathComponent(pipe).path
    try #require(LiveMachine.wait { FileManager.default.fileExists(atPath: path) })
    let descriptor = open(path, O_RDWR)
    try #require(fcntl(descriptor, F_SETPIPE_SZ, 4096) == 4096)
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  func text(_ name: String) throws -> String { String(decoding: try data(name), as: UTF8.self) }

  var errors: String { (try? text("errors")) ?? "" }

  /// Sends a signal to a program, or to the programs of a group if the number is negative.
  static func signal(_ name: String, _ process: pid_t) {
    let numbers = [
      "INT": SIGINT, "TERM": SIGTERM, "HUP": SIGHUP, "TSTP": SIGTSTP, "KILL": SIGKILL,
      "STOP": SIGSTOP, "CONT": SIGCONT, "USR1": SIGUSR1,
    ]
    kill(process, numbers[name]!)
  }

  /// Sends a signal to the programs of that name.
  static func signal(_ name: String, _ program: String) {
    _ = try? ToolRunner.shell("pkill -\(name) -x \(program)")
  }
}
