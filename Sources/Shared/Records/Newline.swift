import Glibc
import JSONText

extension UnsafeRawBufferPointer {
  /// The index of the first newline at or after `start`; nil if there is none.
  @inline(__always)
  public func firstNewline(from start: Int = 0) -> Int? {
    guard start < count, let begin = baseAddress,
      let found = memchr(begin + start, CInt(UInt8.newline), count - start)
    else { return nil }
    return UnsafeRawPointer(found) - begin
  }
}
