import CKernels
import TestSupport
import Testing

@Suite struct KernelTests {
  /// Below two vector widths, and around four rows at a time, at several alignments.
  @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 9, 13])
  func multiplyEqualsItsPlainForm(rows: Int) {
    var random = SplitMix64(seed: UInt64(rows))
    for columns in [1, 2, 15, 16, 17, 31, 32, 33, 48, 100] {
      for (batch, offset) in [(1, 0), (1, 1), (2, 3), (5, 0), (3, 7)] {
        func numbers(_ count: Int) -> [Float] {
          (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
        }
        let w = numbers(offset + rows * columns)
        let x = numbers(offset + batch * columns)
        var (fast, plain) = ([Float](repeating: .nan, count: batch * rows), [Float]())
        plain = fast
        w.withUnsafeBufferPointer { w in
          x.withUnsafeBufferPointer { x in
            let (w, x) = (w.baseAddress! + offset, x.baseAddress! + offset)
            kernel_multiply(&fast, w, x, batch, rows, columns)
            kernel_multiply_plain(&plain, w, x, batch, rows, columns)
          }
        }
        for (fast, plain) in zip(fast, plain) {
          #expect(abs(fast - plain) < 1e-5, "batch \(batch), columns \(columns), offset \(offset)")
        }
      }
    }
  }

  @Test func geluIsThatOfTheMathematicsLibrary() {
    for step in -100...100 {
      let x = Float(step) / 10
      var result = [x]
      kernel_gelu(&result, 1)
      let u = 0.797_884_560_802_865 * (Double(x) + 0.044715 * Double(x * x * x))
      let expected = Double(x) * 0.5 * (1 + tanhOf(u))
      #expect(abs(Double(result[0]) - expected) < 1e-6)
    }
  }

  @Test func softmaxSumsToOneAndKeepsTheOrder() {
    var shares: [Float] = [1, -200, 3, 500, 499, 2]
    kernel_softmax(&shares, shares.count, 0.5)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-6)
    #expect(shares[3] > shares[4] && shares[4] > shares[2])
    #expect(shares.allSatisfy { $0.isFinite && $0 >= 0 })
  }

  private func tanhOf(_ u: Double) -> Double {
    let e = exponential(-2 * abs(u))
    return (u < 0 ? -1 : 1) * (1 - e) / (1 + e)
  }

  /// By its series, with the argument halved often enough.
  private func exponential(_ x: Double) -> Double {
    var (term, total) = (1.0, 1.0)
    for n in 1...20 {
      term *= x / 64 / Double(n)
      total += term
    }
    for _ in 0..<6 { total *= total }
    return total
  }
}
