import CKernels

/// What a network calculates with: a set of kernels for one kind of processor. The same numbers come
/// out of all of them, bit for bit.
public struct Kernels: Sendable {
  /// The fastest that this processor can run.
  public static let fastest = Kernels(kernels_at_hand()!)
  /// All that this processor can run, the fastest first.
  public static let all = ["avx512", "avx2", "neon", "plain"].compactMap(Kernels.init(named:))

  public let name: String
  let quantise: @convention(c) (KernelStates, UnsafePointer<Float>?) -> Void
  let multiply: @convention(c) (UnsafeMutablePointer<Float>?, KernelMatrix, KernelStates) -> Void
  let multiplyFloats:
    @convention(c) (
      UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int
    ) -> Void
  let normalise:
    @convention(c) (
      UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int, Float
    ) -> Void
  let add: @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int) -> Void
  let gelu: @convention(c) (UnsafeMutablePointer<Float>?, Int) -> Void
  let gatedGelu: @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int) -> Void
  let rotate:
    @convention(c) (
      UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int
    ) -> Void
  let remember:
    @convention(c) (
      UnsafeMutableRawPointer?, Int, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int
    ) -> Void
  let attend:
    @convention(c) (
      UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, KernelPast, UnsafeMutablePointer<Float>?,
      Int, Int, Int
    ) -> Void

  /// The set of a name; nil where this processor cannot run it.
  public init?(named name: String) {
    guard let set = kernels_named(name) else { return nil }
    self.init(set)
  }

  private init(_ set: UnsafePointer<KernelSet>) {
    let set = set.pointee
    name = String(cString: set.name)
    quantise = set.quantise
    multiply = set.multiply
    multiplyFloats = set.multiply_floats
    normalise = set.normalise
    add = set.add
    gelu = set.gelu
    gatedGelu = set.gated_gelu
    rotate = set.rotate
    remember = set.remember
    attend = set.attend
  }
}
