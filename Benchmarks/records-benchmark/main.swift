// Every record of a stream, read and printed again: standard input to standard output.
//
// As a tool does it, but for the one write(2) per record: what is measured is the reader and the
// printer, not the kernel.

import Records
import SystemPackage

/// Reads to the end, and writes what comes of it in blocks of about this many bytes.
let blockSize = 65_536

func copy(from input: FileDescriptor, to output: FileDescriptor) throws {
  var reader = RecordReader()
  let printer = RecordPrinter()
  var block = [UInt8](repeating: 0, count: blockSize)
  var printed: [UInt8] = []
  printed.reserveCapacity(2 * blockSize)
  var isAtEnd = false
  while !isAtEnd {
    let count = try block.withUnsafeMutableBytes { try input.read(into: $0) }
    isAtEnd = count == 0
    if isAtEnd {
      reader.finish()
    } else {
      block.withUnsafeBytes { reader.feed(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
    while let line = try reader.next() {
      printer.print(line.record, to: &printed)
      guard printed.count >= blockSize else { continue }
      try output.writeAll(printed)
      printed.removeAll(keepingCapacity: true)
    }
  }
  try output.writeAll(printed)
}

try copy(from: .standardInput, to: .standardOutput)
