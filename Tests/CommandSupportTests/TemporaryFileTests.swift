import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import CommandSupport

@Suite struct TemporaryFileTests {
  @Test("appears under its name only once it is whole")
  func appearsWhole() throws {
    let folder = try TemporaryFolder()
    let file = try TemporaryFile.beside(folder.path("take.mid"))
    #expect(file.path.hasSuffix(".mid"))
    try file.write("MThd".utf8)
    #expect(try folder.names.count == 1)
    #expect(try !folder.names.contains("take.mid"))
    try file.commit()
    #expect(try folder.names == ["take.mid"])
    #expect(try folder.read("take.mid") == "MThd")
  }

  @Test("is removed unless it is committed")
  func isRemovedUnlessCommitted() throws {
    let folder = try TemporaryFolder()
    try folder.write("before", to: "take.mid")
    do {
      let file = try TemporaryFile.beside(folder.path("take.mid"))
      try file.write("half".utf8)
    }
    #expect(try folder.names == ["take.mid"])
    #expect(try folder.read("take.mid") == "before")
  }

  @Test("keeps two files with one destination apart")
  func twoFilesOfOneName() throws {
    let folder = try TemporaryFolder()
    let first = try TemporaryFile.beside(folder.path("take.mid"))
    let second = try TemporaryFile.beside(folder.path("take.mid"))
    #expect(first.path != second.path)
    try first.commit()
    try second.write("second".utf8)
    try second.commit()
    #expect(try folder.read("take.mid") == "second")
  }

  @Test("replaces the target of a symbolic link, not the link")
  func aSymbolicLinkStaysOne() throws {
    let folder = try TemporaryFolder()
    try folder.write("before", to: "real.mid")
    try #require(symlink("real.mid", folder.path("link.mid")) == 0)
    let file = try TemporaryFile.beside(folder.path("link.mid"))
    try file.write("after".utf8)
    try file.commit()
    #expect(try folder.names == ["link.mid", "real.mid"])
    #expect(try folder.read("real.mid") == "after")
  }

  @Test("makes the file that a symbolic link names, even through another link")
  func makesTargetOfDanglingLink() throws {
    let folder = try TemporaryFolder()
    try #require(mkdir(folder.path("takes"), 0o700) == 0)
    try #require(symlink("takes/two", folder.path("one")) == 0)
    try #require(symlink("real.mid", folder.path("takes/two")) == 0)
    let file = try TemporaryFile.beside(folder.path("one"))
    try file.write("after".utf8)
    try file.commit()
    #expect(try folder.names == ["one", "takes"])
    #expect(try folder.read("takes/real.mid") == "after" && folder.read("one") == "after")
  }

  @Test("a link that leads back to itself is an error")
  func refusesCircle() throws {
    let folder = try TemporaryFolder()
    try #require(symlink("circle", folder.path("circle")) == 0)
    #expect(throws: Failure.self) { try TemporaryFile.beside(folder.path("circle")) }
  }

  @Test("a file that is replaced passes its permissions on", arguments: [0o600, 0o664, 0o755])
  func keepsPermissions(mode: mode_t) throws {
    let folder = try TemporaryFolder()
    try folder.write("before", to: "take.mid")
    try #require(chmod(folder.path("take.mid"), mode) == 0)
    try TemporaryFile.beside(folder.path("take.mid")).commit()
    var status = stat()
    try #require(stat(folder.path("take.mid"), &status) == 0)
    #expect(status.st_mode & 0o7777 == mode)
  }

  @Test("removes what a killed program left, and nothing else")
  func removesLeftovers() throws {
    let folder = try TemporaryFolder()
    // No process has so great a number: the kernel's limit is 2^22.
    let left = ".take.99999999-0.mid"
    let others = [
      ".take.\(getppid())-0.mid", ".take.99999999-0.wav", ".take.notes.mid", ".take.0-0.mid",
      ".take.99999999-.mid", ".taken.99999999-0.mid", "take.99999999-0.mid", ".take.-1-0.mid",
    ]
    for name in others + [left] { try folder.write("half", to: name) }
    try TemporaryFile.beside(folder.path("take.mid"), removesLeftovers: false).commit()
    #expect(try folder.names == (others + [left, "take.mid"]).sorted())
    try TemporaryFile.beside(folder.path("take.mid")).commit()
    #expect(try folder.names == (others + ["take.mid"]).sorted())
  }

  /// A pipe stands for all special files: a broken test must not replace a real device.
  @Test("writes a named pipe directly and never replaces it")
  func aNamedPipeIsWrittenDirectly() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("pipe.mid")
    try #require(mkfifo(path, 0o600) == 0)
    let reader = try FileDescriptor.open(path, .readOnly, options: .nonBlocking)
    defer { try? reader.close() }
    let file = try TemporaryFile.beside(path)
    #expect(file.path == path)
    try file.write("MThd".utf8)
    try file.commit()
    #expect(try folder.names == ["pipe.mid"])
    var bytes = [UInt8](repeating: 0, count: 9)
    let count = try bytes.withUnsafeMutableBytes { try reader.read(into: $0) }
    #expect(String(decoding: bytes[..<count], as: UTF8.self) == "MThd")
  }

  @Test("exits with 74 for a file that can't be written")
  func whatCannotBeWritten() throws {
    let folder = try TemporaryFolder()
    for (path, reason) in [
      (folder.path("none/take.mid"), "No such file or directory"),
      (folder.path("."), "Is a directory"),
    ] {
      let failure = #expect(throws: Failure.self) { _ = try TemporaryFile.beside(path) }
      #expect(failure?.status == .inputOutput)
      #expect(failure?.message == "cannot write \(path): \(reason)")
    }
  }
}
