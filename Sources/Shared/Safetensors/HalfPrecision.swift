extension Float {
  /// The value of an IEEE 754 half: sign, 5 bits of exponent, 10 bits of fraction. Swift's
  /// `Float16` is not available on every processor.
  init(halfPrecision bits: UInt16) {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int32(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      self = sign * Float(fraction) * 0x1p-24
    case 31:
      self = fraction == 0 ? sign * .infinity : .nan
    default:
      let pattern = UInt32(bits & 0x8000) << 16 | UInt32(exponent + 112) << 23 | fraction << 13
      self = Float(bitPattern: pattern)
    }
  }
}
