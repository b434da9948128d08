import CommandSupport
import Glibc
import Music
import RealTime
import SystemPackage

/// Starts the guard: another process, with a client of the sequencer of its own, that ends all
/// notes if this one is killed.
enum GuardLauncher {
  /// The name of the process, by which it also knows that it is the guard.
  static let processName = "jam-guard"
  private static let longestStart = Microseconds(2_000_000)

  /// Starts the guard, and waits until it is ready. If that fails, the music plays without it. The
  /// guard ends by itself when the client is gone.
  /// - Parameters:
  ///   - client: the number of the client that is guarded.
  ///   - ports: the numbers of its ports.
  static func start(client: Int, ports: [Int], report: (String) -> Void) {
    guard let (readEnd, writeEnd) = try? FileDescriptor.privatePipe() else { return }
    defer { try? readEnd.close() }
    do {
      defer { try? writeEnd.close() }
      // The guard is this program under another name. It does not inherit standard error: a program
      // that reads midi-out's standard error to its end would otherwise wait for the guard.
      _ = try ChildProcess.start(
        "/proc/self/exe", [processName, "\(client)"] + ports.map(String.init),
        separation: .session, input: .null, output: .descriptor(writeEnd), error: .null)
    } catch {
      return report("no guard against being killed: it can't be started")
    }
    let deadline = MonotonicClock.now + longestStart
    let ready = try? MonotonicClock.wait(for: .reading(readEnd), or: nil, .until(deadline))
    var byte: UInt8 = 0
    guard ready?.first ?? false, read(readEnd.rawValue, &byte, 1) == 1 else {
      return report("no guard against being killed: it does not answer")
    }
  }
}
