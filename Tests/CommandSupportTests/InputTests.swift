import Foundation
import Music
import RealTime
import SystemPackage
import TestSupport
import Testing

@testable import CommandSupport

@Suite struct InputTests {
  static let header = #"{"t":0,"type":"header","format":"jam","version":1}"# + "\n"

  static func tick(_ frame: Int) -> String {
    #"{"t":\#(frame),"type":"tick","frame":\#(frame)}"# + "\n"
  }

  /// The frame of a tick, or the name of another step.
  static func name(_ step: Input.Step?) -> String {
    switch step {
    case .line(let line):
      if case .tick(let frame) = line.record.event { "\(frame.rawValue)" } else { "header" }
    case .end: "end"
    case .stopped: "stopped"
    case .deadline: "deadline"
    case nil: "nothing"
    }
  }

  @Test("gives the lines one by one, then the end")
  func linesComeOneByOne() throws {
    let pipe = try Pipe()
    var input = Input(pipe.readEnd, name: "pipe", isOwned: false)
    try pipe.write(Self.header + Self.tick(1))
    #expect(Self.name(try input.next()) == "header")
    #expect(Self.name(try input.next()) == "1")
    try pipe.write(Self.tick(2).dropLast() + "")
    pipe.closeWriteEnd()
    #expect(Self.name(try input.next()) == "2")
    #expect(Self.name(try input.next()) == "end")
    #expect(Self.name(try input.next()) == "end")
  }

  @Test("gives what it has without waiting, and nothing before more comes")
  func whatWaits() throws {
    let pipe = try Pipe()
    var input = Input(pipe.readEnd, name: "pipe", isOwned: false)
    func check(_ expected: String) throws {
      #expect(Self.name(try input.nextWaiting()) == expected)
    }
    try check("nothing")
    try pipe.write(Self.header + Self.tick(1) + Self.tick(2).prefix(9))
    try check("header")
    try check("1")
    try check("nothing")
    try pipe.write("" + Self.tick(2).dropFirst(9) + Self.tick(3))
    try check("2")
    try pipe.write(Self.tick(4))
    try check("3")
    try check("4")
    pipe.closeWriteEnd()
    try check("end")
  }

  @Test("stops waiting for a line at the deadline")
  func aDeadlineEndsTheWait() throws {
    let pipe = try Pipe()
    var input = Input(pipe.readEnd, name: "pipe", isOwned: false)
    let deadline = MonotonicClock.now + Microseconds(2500)
    #expect(Self.name(try input.next(until: deadline)) == "deadline")
    #expect(MonotonicClock.now >= deadline)
    #expect(Self.name(try input.next(until: .zero)) == "deadline")
    try pipe.write(Self.header)
    #expect(Self.name(try input.next(until: .zero)) == "header")
  }

  @Test("gives no more lines once the stop signal is raised")
  func aStopComesFirst() throws {
    let pipe = try Pipe()
    let stop = try StopSignal()
    var input = Input(pipe.readEnd, name: "pipe", isOwned: false, stop: stop)
    try pipe.write(Self.header + Self.tick(1))
    #expect(Self.name(try input.next()) == "header")
    stop.raise()
    #expect(Self.name(try input.next()) == "stopped")
    #expect(Self.name(try input.nextWaiting()) == "stopped")
  }

  @Test("stops waiting for a line when the stop signal is raised")
  func aStopEndsTheWait() throws {
    let pipe = try Pipe()
    let stop = try StopSignal()
    // A thread, not a task: the wait below blocks its thread, and tasks share only a few.
    Thread.detachNewThread { stop.raise() }
    var input = Input(pipe.readEnd, name: "pipe", isOwned: false, stop: stop)
    #expect(Self.name(try input.next()) == "stopped")
  }

  @Test("names the input and the line in an error")
  func badLinesNameTheInput() throws {
    let pipe = try Pipe()
    var input = Input(pipe.readEnd, name: "<stdin>", isOwned: false)
    try pipe.write(Self.header + "zz\n")
    _ = try input.next()
    let failure = #expect(throws: Failure.self) { try input.next() }
    #expect(failure?.status == .badData)
    #expect(
      failure?.message == #"<stdin>:2: expected a JSON object at column 1, found "z""#)
  }

  @Test("reads a file to its end")
  func filesAreReadToTheirEnd() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.header + (1...20_000).map(Self.tick).joined(), to: "take.jsonl")
    var input = try Input.open(folder.path("take.jsonl"))
    var count = 0
    while case .line(let line) = try input.next() {
      count += 1
      #expect(line.number == count)
    }
    #expect(count == 20_001)
  }

  @Test("exits with 66 for a missing file and for a folder")
  func missingFilesAndFolders() throws {
    let folder = try TemporaryFolder()
    for (path, reason) in [
      (folder.path("none"), "No such file or directory"), (folder.path("."), "Is a directory"),
    ] {
      let failure = #expect(throws: Failure.self) { _ = try Input.open(path) }
      #expect(failure?.status == .missingFile)
      #expect(failure?.message == "cannot open \(path): \(reason)")
    }
  }

  @Test("reads standard input for a dash")
  func aDashIsStandardInput() throws {
    let input = try Input.open("-")
    #expect(input.name == "<stdin>")
    #expect(input.fileDescriptor == .standardInput)
  }
}
