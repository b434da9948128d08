import CKernels

/// An implementation of the network's kernels for one instruction set. All backends give the same
/// results, bit for bit.
public struct Backend: Sendable {
  /// The fastest that this processor can run.
  public static let fastest = Backend(kernel_backend_fastest()!)
  /// All that this processor can run, the fastest first.
  public static let all = ["avx512", "avx2", "neon", "plain"].compactMap(Backend.init(named:))

  public let name: String
  let quantise: @convention(c) (KernelActivations, UnsafePointer<Float>?) -> Void
  let multiply:
    @convention(c) (UnsafeMutablePointer<Float>?, KernelMatrix, KernelActivations) -> Void
  let multiplyFloats:
    @convention(c) (
      UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int
    ) -> Void
  let rmsNorm:
    @convention(c) (
      UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int, Float
    ) -> Void
  let add: @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int) -> Void
  let gelu: @convention(c) (UnsafeMutablePointer<Float>?, Int) -> Void
  let gatedGelu: @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int) -> Void
  let rope:
    @convention(c) (
      UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int
    ) -> Void
  let storeKV:
    @convention(c) (
      UnsafeMutableRawPointer?, Int, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int
    ) -> Void
  let attend:
    @convention(c) (
      UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, KernelContext,
      UnsafeMutablePointer<Float>?, Int, Int, Int
    ) -> Void

  /// The backend called `name`: `avx512`, `avx2`, `neon` or `plain`; nil where this processor
  /// cannot run it.
  public init?(named name: String) {
    guard let backend = kernel_backend_named(name) else { return nil }
    self.init(backend)
  }

  private init(_ backend: UnsafePointer<KernelBackend>) {
    let backend = backend.pointee
    name = String(cString: backend.name)
    quantise = backend.quantise
    multiply = backend.multiply
    multiplyFloats = backend.multiply_floats
    rmsNorm = backend.rms_norm
    add = backend.add
    gelu = backend.gelu
    gatedGelu = backend.gated_gelu
    rope = backend.rope
    storeKV = backend.store_kv
    attend = backend.attend
  }
}
