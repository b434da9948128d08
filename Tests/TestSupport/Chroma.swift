import Foundation

/// How loud each pitch class is.
public enum Chroma {
  /// Twelve energies, C first, of the octaves from C3 to B5, from the left of stereo samples at
  /// 44.1 kHz. Each is a discrete Fourier transform at the frequency of one pitch, under a Hann
  /// window, so at least a third of a second is needed to tell semitones apart.
  public static func of(left stereo: [Float]) -> [Double] {
    let samples = stride(from: 0, to: stereo.count, by: 2).map { Double(stereo[$0]) }
    var chroma = [Double](repeating: 0, count: 12)
    for pitch in 48..<84 {
      let frequency = 440 * pow(2, Double(pitch - 69) / 12)
      var (real, imaginary) = (0.0, 0.0)
      for (index, sample) in samples.enumerated() {
        let window = 0.5 - 0.5 * cos(2 * .pi * Double(index) / Double(samples.count))
        let phase = 2 * .pi * frequency * Double(index) / 44_100
        real += window * sample * cos(phase)
        imaginary += window * sample * sin(phase)
      }
      chroma[pitch % 12] += real * real + imaginary * imaginary
    }
    return chroma
  }
}
