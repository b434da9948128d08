import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The bytes of a whole file, mapped read-only into memory.
final class Mapping: Sendable {
  // The bytes never change, and stay mapped as long as this object lives.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(path: String) throws(SafetensorsError) {
    do {
      // Non-blocking: otherwise a FIFO without a writer would block.
      let descriptor = try FileDescriptor.open(
        path, .readOnly, options: [.closeOnExec, .nonBlocking])
      defer { try? descriptor.close() }
      var status = stat()
      guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw SafetensorsError(path: path, message: "expected a regular file")
      }
      let size = Int(status.st_size)
      guard size > 0 else {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        return
      }
      guard
        let address = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor.rawValue, 0),
        address != MAP_FAILED
      else { throw Errno(rawValue: errno) }
      bytes = UnsafeRawBufferPointer(start: address, count: size)
    } catch let error as SafetensorsError {
      throw error
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
