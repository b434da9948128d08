import Foundation
import Music
import Records
import SystemPackage
import Testing

@testable import CommandSupport

@Suite struct OutputTests {
  @Test("writes each record with one write(2)")
  func eachRecordIsOneWrite() throws {
    // A packet pipe keeps the writes apart.
    var descriptors: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &descriptors) == 0)
    let (ours, theirs) = (
      FileDescriptor(rawValue: descriptors[0]), FileDescriptor(rawValue: descriptors[1])
    )
    defer {
      try? ours.close()
      try? theirs.close()
    }
    var output = Output(theirs)
    let long = Record(time: .zero, event: .marker(text: String(repeating: "x", count: 9000)))
    let line = RecordPrinter().line(Record(time: .zero, event: .tick(Frame(3))))
    try output.write(long)
    try output.write(line: line)
    try output.write(Line(number: 1, bytes: line, record: long))
    var block = [UInt8](repeating: 0, count: 65_536)
    for expected in [RecordPrinter().line(long), line, line] {
      let count = try block.withUnsafeMutableBytes { try ours.read(into: $0) }
      #expect(Array(block[..<count]) == expected)
    }
  }

  @Test("exits with 74 when the disk is full")
  func aFullDisk() throws {
    let full = try FileDescriptor.open("/dev/full", .writeOnly)
    defer { try? full.close() }
    var output = Output(full)
    let failure = #expect(throws: Failure.self) {
      try output.write(Record(time: .zero, event: .tick(Frame(0))))
    }
    #expect(failure?.status == .inputOutput)
    #expect(failure?.message == "cannot write to standard output: No space left on device")
  }

  @Test("stops even if the reader takes nothing")
  func aReaderThatStandsStill() throws {
    let pipe = try Pipe()
    let stop = try StopSignal()
    var output = Output(pipe.writeEnd, stop: stop)
    let record = Record(time: .zero, event: .tick(Frame(0)))
    stop.raise()
    // As long as there is room, the end of the stream is still written.
    var count = 0
    let failure = #expect(throws: Failure.self) {
      while true {
        try output.write(record)
        count += 1
      }
    }
    #expect(failure == .readerWentAway)
    #expect(count > 0)
    #expect(try pipe.read().hasPrefix(#"{"t":0,"type":"tick","frame":0}"# + "\n"))
  }

  @Test("waits for room in an output that is non-blocking")
  func aFullNonBlockingOutput() throws {
    let pipe = try Pipe()
    _ = fcntl(pipe.writeEnd.rawValue, F_SETFL, O_NONBLOCK)
    let writeEnd = pipe.writeEnd
    // A thread, not a task: the reads below block their thread, and tasks share only a few.
    Thread.detachNewThread {
      var output = Output(writeEnd)
      for frame in 0..<10_000 {
        try? output.write(Record(time: .zero, event: .tick(Frame(frame))))
      }
      try? output.write(Record(time: .zero, event: .end(reason: "done")))
    }
    var text = ""
    while !text.hasSuffix("\"done\"}\n") { text += try pipe.read() }
    let lines = text.split(separator: "\n")
    #expect(lines.count == 10_001)
    #expect(lines[9_999] == #"{"t":0,"type":"tick","frame":9999}"#)
  }
}
