import CKernels

/// Memory for floats, allocated once.
final class Buffer {
  let start: UnsafeMutablePointer<Float>

  /// A buffer of zeros.
  init(_ count: Int) {
    start = Self.allocate(count)
    start.initialize(repeating: 0, count: count)
  }

  /// A buffer that must be written before it is read. Pages that are never written to take no
  /// memory.
  init(uninitialised count: Int) { start = Self.allocate(count) }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Float>.size, alignment: 64)
    return bytes.bindMemory(to: Float.self, capacity: count)
  }

  deinit { start.deallocate() }

  func row(_ index: Int, _ width: Int) -> UnsafeMutablePointer<Float> { start + index * width }
}

/// Memory for int16 activations, allocated once.
final class ActivationBuffer {
  private let elements: UnsafeMutablePointer<Int16>
  private let scales: UnsafeMutablePointer<Float>

  init(batch: Int, columns: Int) {
    let count = batch * (columns + columns % KERNEL_TILE_COLUMNS)
    elements = .allocate(capacity: count)
    elements.initialize(repeating: 0, count: count)
    scales = .allocate(capacity: batch)
    scales.initialize(repeating: 0, count: batch)
  }

  deinit {
    elements.deallocate()
    scales.deallocate()
  }

  func activations(batch: Int, columns: Int) -> KernelActivations {
    KernelActivations(elements: elements, scales: scales, batch: batch, columns: columns)
  }
}
