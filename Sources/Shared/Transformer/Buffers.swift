import CKernels

/// Room for numbers, taken once.
final class Buffer {
  let start: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Float>.size, alignment: 64)
    start = bytes.bindMemory(to: Float.self, capacity: count)
    start.initialize(repeating: 0, count: count)
  }

  deinit { start.deallocate() }

  func row(_ index: Int, _ width: Int) -> UnsafeMutablePointer<Float> { start + index * width }
}

/// Room for states in 16 bits, taken once.
final class QuantisedBuffer {
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

  func states(batch: Int, columns: Int) -> KernelStates {
    KernelStates(elements: elements, scales: scales, batch: batch, columns: columns)
  }
}
