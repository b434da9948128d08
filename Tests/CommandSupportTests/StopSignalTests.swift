import Glibc
import RealTime
import SystemPackage
import Testing

@testable import CommandSupport

@Suite struct StopSignalTests {
  @Test("is readable from the moment it is raised on")
  func staysReadable() throws {
    let stop = try StopSignal()
    #expect(!stop.isRaised)
    #expect(try !MonotonicClock.wait(for: .reading(stop.fileDescriptor), or: nil, .zero).first)
    for _ in 0..<3 {
      stop.raise()
      #expect(stop.isRaised)
      #expect(try MonotonicClock.wait(for: .reading(stop.fileDescriptor), or: nil, .forever).first)
    }
  }

  @Test("ends a wait for input when a signal comes", arguments: [SIGINT, SIGTERM, SIGHUP])
  func signalsEndAWait(number: Int32) async {
    await #expect(processExitsWith: .exitCode(17)) { [number] in
      let pipe = try FileDescriptor.pipe()
      let stop = try StopSignal.onSignals()
      var input = Input(pipe.readEnd, name: "pipe", isOwned: false, stop: stop)
      kill(getpid(), number)
      guard case .stopped = try input.next() else { exit(1) }
      exit(17)
    }
  }

  @Test("ends the tool at once after a second signal")
  func aSecondSignalEndsTheTool() async {
    await #expect(processExitsWith: .signal(SIGTERM)) {
      let stop = try StopSignal.onSignals()
      kill(getpid(), SIGTERM)
      _ = try MonotonicClock.wait(for: .reading(stop.fileDescriptor), or: nil, .forever)
      kill(getpid(), SIGTERM)
      while true { pause() }
    }
  }

  @Test("leaves signals ignored that the tool was started to ignore")
  func ignoredSignalsStayIgnored() async {
    await #expect(processExitsWith: .exitCode(17)) {
      signal(SIGHUP, SIG_IGN)
      let stop = try StopSignal.onSignals()
      kill(getpid(), SIGHUP)
      exit(stop.isRaised ? 1 : 17)
    }
  }
}
