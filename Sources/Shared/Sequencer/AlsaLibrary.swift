import CAlsa
import Glibc

/// The gate to libasound: loads it, and turns its error codes into errors.
final class AlsaLibrary: Sendable {
  let functions: jamline_alsa

  private init(_ functions: jamline_alsa) {
    self.functions = functions
  }

  /// Loads the library, and keeps it from writing to standard error.
  static func load() throws(SequencerError) -> AlsaLibrary {
    let functions = UnsafeMutablePointer<jamline_alsa>.allocate(capacity: 1)
    defer { functions.deallocate() }
    if let reason = jamline_alsa_load(functions) {
      throw SequencerError(
        "load the sequencer's library",
        reason: "\(String(cString: reason)) (Debian's package libasound2 has it)")
    }
    return AlsaLibrary(functions.pointee)
  }

  /// Checks the result of a call, which is negative if the call failed.
  @discardableResult
  func check(
    _ operation: @autoclosure () -> String, _ code: Int32
  ) throws(SequencerError) -> Int {
    guard code >= 0 else {
      let reason = functions.snd_strerror(code).map { String(cString: $0) } ?? "error \(code)"
      throw SequencerError(operation(), reason: reason)
    }
    return Int(code)
  }

  /// Returns the object that a function of the form `snd_…_malloc` allocates.
  func make(_ allocate: (UnsafeMutablePointer<OpaquePointer?>) -> Int32) -> OpaquePointer {
    var made: OpaquePointer?
    guard allocate(&made) >= 0, let made else { fatalError("out of memory") }
    return made
  }
}
