import SystemPackage

/// A pipe whose ends are closed at the end of the test, unless the test closes them before.
final class Pipe {
  let readEnd: FileDescriptor
  let writeEnd: FileDescriptor
  private var isReadable = true
  private var isWritable = true

  init() throws {
    (readEnd, writeEnd) = try FileDescriptor.pipe()
  }

  deinit {
    closeReadEnd()
    closeWriteEnd()
  }

  func closeReadEnd() {
    if isReadable { try? readEnd.close() }
    isReadable = false
  }

  func closeWriteEnd() {
    if isWritable { try? writeEnd.close() }
    isWritable = false
  }

  func write(_ text: String) throws {
    try writeEnd.writeAll(text.utf8)
  }

  /// The bytes that one read(2) gives.
  func read() throws -> String {
    let bytes = try [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      count = try readEnd.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
