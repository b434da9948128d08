import Glibc
import SystemPackage
import Testing

@testable import CommandSupport

struct ChildProcessTests {
  @Test("starts a program with the given descriptors, outside this process group")
  func startsAProgram() throws {
    let (readEnd, writeEnd) = try FileDescriptor.privatePipe()
    let process = try ChildProcess.start(
      "/bin/sh", ["sh", "-c", "cat; echo heard; exit 3"], separation: .group, input: .null,
      output: .descriptor(writeEnd), error: .null)
    try writeEnd.close()
    #expect(getpgid(process) != getpgrp())
    var text = [UInt8](repeating: 0, count: 64)
    let count = try text.withUnsafeMutableBytes { try readEnd.read(into: $0) }
    #expect(String(decoding: text[..<count], as: UTF8.self) == "heard\n")
    var status: CInt = 0
    #expect(waitpid(process, &status, 0) == process)
    #expect(status >> 8 == 3)
    try readEnd.close()
  }

  @Test("says why a program cannot be started")
  func throwsTheReason() {
    #expect(throws: Errno.noSuchFileOrDirectory) {
      try ChildProcess.start(
        "/no/such/program", ["program"], separation: .session, input: .null, output: .null)
    }
  }
}
