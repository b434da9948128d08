import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A whole file's bytes, mapped read-only.
final class Mapping: Sendable {
  // Never written to, and unmapped only when nothing refers to it any more.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(path: String) throws(SafetensorsError) {
    do {
      let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
      defer { try? descriptor.close() }
      let size = Int(try descriptor.seek(offset: 0, from: .end))
      guard size > 0 else {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        return
      }
      guard
        let address = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor.rawValue, 0),
        address != MAP_FAILED
      else { throw Errno(rawValue: errno) }
      bytes = UnsafeRawBufferPointer(start: address, count: size)
    } catch {
      let cause = error as? Errno
      throw SafetensorsError(
        path: path, message: cause.map { "\($0)" } ?? "\(error)", cause: cause)
    }
  }

  deinit {
    guard let address = bytes.baseAddress else { return }
    munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
  }
}
