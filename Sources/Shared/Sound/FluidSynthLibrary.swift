import CSound
import Synchronization

/// The gate to FluidSynth: loads it, and turns its failures into errors.
struct FluidSynthLibrary {
  let functions: jamline_fluidsynth

  /// The last error message of the library, which it logs before the failing call returns.
  private static let complaint = Mutex("")

  /// Loads the library, and keeps it from writing to standard error.
  static func load() throws(SoundError) -> FluidSynthLibrary {
    let functions = UnsafeMutablePointer<jamline_fluidsynth>.allocate(capacity: 1)
    defer { functions.deallocate() }
    if let reason = jamline_fluidsynth_load(functions) {
      throw SoundError("load FluidSynth", reason: reason, isInPackage: "libfluidsynth3")
    }
    let library = FluidSynthLibrary(functions: functions.pointee)
    library.takeOverLog()
    return library
  }

  private func takeOverLog() {
    let levels = [FLUID_PANIC, FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG]
    for level in levels {
      _ = functions.fluid_set_log_function(
        Int32(level),
        { level, message, _ in
          guard level <= Int32(FLUID_ERR), let message else { return }
          FluidSynthLibrary.complaint.withLock { $0 = String(cString: message) }
        }, nil)
    }
  }

  /// Makes a call that returns FLUID_FAILED if it fails.
  @discardableResult
  func check(_ operation: String, _ call: (jamline_fluidsynth) -> Int32) throws(SoundError) -> Int32
  {
    try value(operation) { functions in
      let result = call(functions)
      return result == FLUID_FAILED ? nil : result
    }
  }

  /// Makes a call that returns nil if it fails.
  func value<Value>(
    _ operation: String, _ call: (jamline_fluidsynth) -> Value?
  ) throws(SoundError) -> Value {
    Self.complaint.withLock { $0 = "" }
    guard let value = call(functions) else {
      let complaint = Self.complaint.withLock { $0 }
      throw SoundError(operation, reason: complaint.isEmpty ? "FluidSynth refused" : complaint)
    }
    return value
  }
}
